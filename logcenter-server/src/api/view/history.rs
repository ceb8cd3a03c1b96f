//! A status change in JSON.

use super::words;
use crate::domain;
use crate::domain::text::Text;
use logcenter_core::{Status, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// One status change that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryEntry {
    /// The status before.
    #[schema(value_type = words::Status)]
    from: Status,
    /// The status after.
    #[schema(value_type = words::Status)]
    to: Status,
    /// Who changed it.
    actor: String,
    /// Why.
    note: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Whether the table of transitions was overridden.
    forced: bool,
    /// The commit that goes with it.
    commit_hash: Option<String>,
    /// The pull request that goes with it.
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
