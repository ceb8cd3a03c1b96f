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
    let repository = text(payload, "/repository/html_url")?.into();
    Some(Hook::Checked { repository, commit: CommitHash::cut(commit), name: CheckName::cut(name), passed })
}
