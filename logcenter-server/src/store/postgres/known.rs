//! What recording knows of an issue beside its state.

use crate::domain::recording::IssueState;
use logcenter_core::{ProjectId, Source};

/// How an issue is stored.
#[derive(Debug)]
pub(super) struct StoredIssue {
    pub(super) project_id: ProjectId,
    pub(super) source: Source,
    /// The environment of its latest event.
    pub(super) environment: Option<String>,
    /// How many environments it is counted in.
    pub(super) environments: u32,
    /// The event that has the latest payload.
    pub(super) payload_number: i64,
    /// A hash of that payload.
    pub(super) payload_hash: i64,
}

/// An issue, locked.
#[derive(Debug)]
pub(super) struct LoadedIssue {
    pub(super) state: IssueState,
    pub(super) stored: StoredIssue,
}
