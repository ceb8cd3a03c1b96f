//! Reads what Gitea and GitHub say alike. Their documents describe it: GitHub's "Webhook events and payloads", and Gitea's
//! "Webhooks", which follows it.

use crate::domain::repair::{Hook, PullRequest};
use crate::domain::text::{CheckName, CommitHash, Url};
use serde_json::Value;

fn text<'a>(payload: &'a Value, pointer: &str) -> Option<&'a str> {
    payload.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// A pull request that was closed, by merging or without.
pub(super) fn pull_request(payload: &Value) -> Option<Hook> {
    if text(payload, "/action")? != "closed" {
        return None;
    }
    let pull_request = PullRequest {
        url: Url::cut(text(payload, "/pull_request/html_url")?),
        head: text(payload, "/pull_request/head/ref")?.into(),
        head_commit: text(payload, "/pull_request/head/sha")?.into(),
        base: text(payload, "/pull_request/base/ref")?.into(),
    };
    if payload.pointer("/pull_request/merged")?.as_bool()? {
        let commit = CommitHash::cut(text(payload, "/pull_request/merge_commit_sha")?);
        Some(Hook::Merged { pull_request, commit })
    } else {
        Some(Hook::Closed { pull_request })
    }
}

/// The status of a commit. One that is still pending is no result.
pub(super) fn status(payload: &Value) -> Option<Hook> {
    let passed = match text(payload, "/state")? {
        "success" => true,
        "failure" | "error" => false,
        _ => return None,
    };
    checked(payload, text(payload, "/sha")?, text(payload, "/context")?, passed)
}

/// A check that has ended, in GitHub's newer form: `kind` is `check_run` or `check_suite`.
pub(super) fn check(payload: &Value, kind: &str) -> Option<Hook> {
    let passed = match text(payload, &format!("/{kind}/conclusion"))? {
        "success" => true,
        "failure" | "timed_out" | "cancelled" | "action_required" | "startup_failure" => false,
        _ => return None,
    };
    let name =
        text(payload, &format!("/{kind}/name")).or_else(|| text(payload, &format!("/{kind}/app/slug")));
    checked(payload, text(payload, &format!("/{kind}/head_sha"))?, name.unwrap_or(kind), passed)
}

fn checked(payload: &Value, commit: &str, name: &str, passed: bool) -> Option<Hook> {
    let repository = Url::cut(text(payload, "/repository/html_url")?).into_string();
    Some(Hook::Checked { repository, commit: CommitHash::cut(commit), name: CheckName::cut(name), passed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn merged() -> Value {
        json!({
            "action": "closed",
            "pull_request": {
                "html_url": "https://git.example/team/shop/pulls/88", "merged": true, "merge_commit_sha": "fff",
                "head": {"ref": "logcenter/fix-1-e1", "sha": "c41"}, "base": {"ref": "main"},
            },
            "repository": {"html_url": "https://git.example/team/shop"},
            "state": "success", "sha": "fff", "context": "ci",
            "check_run": {"conclusion": "success", "name": "ci", "head_sha": "fff"},
        })
    }

    /// Any JSON of a few levels.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z_]{1,12}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn one_wrong_field_is_never_read_as_a_merge(at in 0..7_usize, wrong in any_json()) {
            let pointers = ["/action", "/pull_request/html_url", "/pull_request/merged", "/pull_request/merge_commit_sha",
                "/pull_request/head/ref", "/pull_request/head/sha", "/pull_request/base/ref"];
            let mut payload = merged();
            let is_text = wrong.as_str().is_some_and(|text| !text.is_empty());
            let field = payload.pointer_mut(pointers[at]).unwrap();
            let stays = *field == wrong;
            *field = wrong.clone();
            let is_merge = matches!(pull_request(&payload), Some(Hook::Merged { .. }));
            let may_be = match at {
                0 | 2 => stays,
                _ => is_text,
            };
            prop_assert_eq!(is_merge, may_be, "{}", payload);
        }

        #[test]
        fn any_json_is_read_without_panic(payload in any_json()) {
            prop_assert!(pull_request(&payload).is_none());
            prop_assert!(status(&payload).is_none() && check(&payload, "check_run").is_none());
        }
    }

    #[test]
    fn what_the_forges_document_is_read() {
        assert!(matches!(pull_request(&merged()), Some(Hook::Merged { .. })));
        assert!(matches!(status(&merged()), Some(Hook::Checked { passed: true, .. })));
        assert!(matches!(check(&merged(), "check_run"), Some(Hook::Checked { passed: true, .. })));
    }
}
