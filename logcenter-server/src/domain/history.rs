//! Status changes: what is asked for, what came of it, what is kept.

use super::Issue;
use crate::schema;
use logcenter_core::status::Role;
use logcenter_core::{Status, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Who changes an issue: their role, and the name that the history shows.
#[derive(Debug, Clone)]
pub struct Actor {
    /// What they may do.
    pub role: Role,
    /// What they are called.
    pub name: String,
}

impl Actor {
    /// A person, by the name that they give.
    #[must_use]
    pub fn person(name: Option<String>) -> Self {
        Self { role: Role::Person, name: name.unwrap_or_else(|| "administrator".into()) }
    }
}

/// A status change that somebody asks for.
#[derive(Debug, Clone)]
pub struct Change {
    /// Where the issue is to go.
    pub to: Status,
    /// Who asks.
    pub actor: Actor,
    /// Refuse unless it stands here.
    pub expected_status: Option<Status>,
    /// Refuse unless it has this revision.
    pub expected_revision: Option<i64>,
    /// Why.
    pub note: Option<String>,
    /// Pass over the table of transitions.
    pub force: bool,
    /// The commit that goes with it.
    pub commit_hash: Option<String>,
    /// The pull request that goes with it.
    pub pull_request_url: Option<String>,
}

/// What came of a [`Change`].
#[derive(Debug)]
pub enum Changed {
    /// It was made.
    Done(Box<Issue>),
    /// There is no such issue.
    NotFound,
    /// The issue stands elsewhere, or was changed since.
    Stale(Box<Issue>),
    /// The table has no such transition for this role; these it has.
    Refused {
        /// The issue as it is.
        issue: Box<Issue>,
        /// Where it may go.
        allowed: Vec<Status>,
    },
}

/// One status change that was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// Where the issue stood.
    #[schema(value_type = schema::Status)]
    pub from: Status,
    /// Where it went.
    #[schema(value_type = schema::Status)]
    pub to: Status,
    /// Who changed it.
    pub actor: String,
    /// Why.
    pub note: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Whether the table of transitions was passed over.
    pub forced: bool,
    /// The commit that goes with it.
    pub commit_hash: Option<String>,
    /// The pull request that goes with it.
    pub pull_request_url: Option<String>,
}
