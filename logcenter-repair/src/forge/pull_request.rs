//! What is said of a pull request, and what a forge says of it.

use serde_json::Value;

/// A pull request to open.
#[derive(Debug, Clone)]
pub(crate) struct NewPullRequest {
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) head: String,
    pub(crate) base: String,
}

/// What became of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    /// With the commit that the base branch got.
    Merged(Option<String>),
    Closed,
}

/// What the checks of a commit say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    /// None failed, or there are none.
    Green,
    Running,
    Failed,
}

impl State {
    /// One that was merged into another branch than `base` is not done: a person has to say what that means.
    pub(super) fn read(found: &Value, base: &str) -> Self {
        if found["merged"] == true && found["base"]["ref"] != base {
            Self::Open
        } else if found["merged"] == true {
            Self::Merged(found["merge_commit_sha"].as_str().map(str::to_owned))
        } else if found["state"] == "closed" {
            Self::Closed
        } else {
            Self::Open
        }
    }
}

impl Checks {
    /// Reads the combined status, and GitHub's check runs.
    pub(super) fn read(status: &Value, runs: Option<&Value>) -> Self {
        let has_statuses = status["statuses"].as_array().is_some_and(|statuses| !statuses.is_empty());
        let combined = match status["state"].as_str() {
            Some("failure" | "error") => Self::Failed,
            // Without statuses both forges may say that they are pending.
            Some("pending") if has_statuses => Self::Running,
            _ => Self::Green,
        };
        let runs = runs.and_then(|runs| runs["check_runs"].as_array()).into_iter().flatten();
        runs.fold(combined, |known, run| match (known, run["status"].as_str(), run["conclusion"].as_str()) {
            (Self::Failed, ..) => Self::Failed,
            (_, _, Some("failure" | "timed_out" | "cancelled" | "action_required" | "startup_failure")) => {
                Self::Failed
            }
            (_, Some("completed"), _) => known,
            _ => Self::Running,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn states_and_checks_are_read() {
        assert_eq!(State::read(&json!({"state": "open", "merged": false}), "main"), State::Open);
        assert_eq!(State::read(&json!({"state": "closed", "merged": false}), "main"), State::Closed);
        let merged =
            json!({"state": "closed", "merged": true, "merge_commit_sha": "abc", "base": {"ref": "main"}});
        assert_eq!(State::read(&merged, "main"), State::Merged(Some("abc".into())));
        assert_eq!(State::read(&merged, "release"), State::Open);
        let rows = [
            (json!({"state": "success", "statuses": [{}]}), None, Checks::Green),
            (json!({"state": "pending", "statuses": []}), None, Checks::Green),
            (json!({"state": "pending", "statuses": [{}]}), None, Checks::Running),
            (json!({"state": "failure", "statuses": [{}]}), None, Checks::Failed),
            (json!({"state": "", "statuses": null}), None, Checks::Green),
            (
                json!({}),
                Some(json!({"check_runs": [{"status": "completed", "conclusion": "success"}]})),
                Checks::Green,
            ),
            (
                json!({}),
                Some(json!({"check_runs": [{"status": "in_progress", "conclusion": null}]})),
                Checks::Running,
            ),
            (
                json!({}),
                Some(json!({"check_runs": [{"status": "completed", "conclusion": "failure"}]})),
                Checks::Failed,
            ),
        ];
        for (status, runs, expected) in rows {
            assert_eq!(Checks::read(&status, runs.as_ref()), expected, "{status} {runs:?}");
        }
    }
}
