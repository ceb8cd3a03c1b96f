//! Where Gitea and GitHub differ.

use crate::config::ForgeKind;
use serde_json::{Value, json};

impl ForgeKind {
    /// The body that opens a draft. Gitea takes a title that begins with `WIP:` for one.
    pub(super) fn opening(self, title: &str, body: &str, head: &str, base: &str) -> Value {
        match self {
            Self::Gitea => {
                json!({"title": format!("WIP: {title}"), "body": body, "head": head, "base": base})
            }
            Self::GitHub => json!({"title": title, "body": body, "head": head, "base": base, "draft": true}),
        }
    }

    /// Whether an answer means that there is a pull request for that branch already.
    pub(super) fn is_there_already(self, status: u16, body: &str) -> bool {
        match self {
            Self::Gitea => status == 409,
            Self::GitHub => status == 422 && body.contains("already exists"),
        }
    }

    /// The query that lists open pull requests, a page of them.
    pub(super) fn open_ones(self, page: u32) -> Vec<(&'static str, String)> {
        let size = match self {
            Self::Gitea => "limit",
            Self::GitHub => "per_page",
        };
        vec![("state", "open".into()), (size, PAGE.to_string()), ("page", page.to_string())]
    }

    /// The scheme that an API token is sent with.
    pub(super) const fn scheme(self) -> &'static str {
        match self {
            Self::Gitea => "token",
            Self::GitHub => "Bearer",
        }
    }
}

/// Pull requests on a page.
pub(super) const PAGE: usize = 50;
