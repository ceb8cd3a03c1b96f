//! A status change as JSON.

use super::words;
use crate::domain;
use crate::domain::text::Text;
use logcenter_core::{Status, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A status change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryEntry {
    /// The previous status.
    #[schema(value_type = words::Status)]
    from: Status,
    /// The new status.
    #[schema(value_type = words::Status)]
    to: Status,
    /// Author of the change.
    actor: String,
    /// Reason for the change.
    note: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Whether the transition rules were skipped.
    forced: bool,
    /// Related commit.
    commit_hash: Option<String>,
    /// Related pull request.
    pull_request_url: Option<String>,
}

impl From<domain::HistoryEntry> for HistoryEntry {
    fn from(entry: domain::HistoryEntry) -> Self {
        Self {
            from: entry.from,
            to: entry.to,
            actor: entry.actor.name.into_string(),
            note: entry.note.map(Text::into_string),
            at: entry.at,
            forced: entry.forced,
            commit_hash: entry.commit_hash.map(Text::into_string),
            pull_request_url: entry.pull_request_url.map(Text::into_string),
        }
    }
}
