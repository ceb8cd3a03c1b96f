//! An issue, as read from the store.

use super::ids::{IssueId, Revision};
use super::repair::LeaseSummary;
use logcenter_core::{Fingerprint, Level, ProjectId, Source, Status, Timestamp};

/// All events with the same fingerprint. The fields that describe it (such as `environment`, `error` and `trusted`) are
/// those of the latest event.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Its id.
    pub id: IssueId,
    /// What identifies it.
    pub fingerprint: Fingerprint,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Where the error comes from.
    pub source: Source,
    /// Its status.
    pub status: Status,
    /// Incremented by every status change, but not by events.
    pub revision: Revision,
    /// Environment.
    pub environment: String,
    /// Severity.
    pub level: Level,
    /// Version of the program.
    pub version: Option<String>,
    /// Commit that the program was built from.
    pub commit_hash: Option<String>,
    /// The error.
    pub error: ErrorSummary,
    /// Number of events; a report adds its `count`.
    pub count: i64,
    /// How often it was seen again after a fix.
    pub regressions: i64,
    /// Whether the latest report came with a valid key.
    pub trusted: bool,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// The agent's hold on it.
    pub lease: Option<LeaseSummary>,
}

/// The error, and where it occurred.
#[derive(Debug, Clone)]
pub struct ErrorSummary {
    /// The error's type.
    pub error_type: String,
    /// Its message.
    pub message: String,
    /// Source file.
    pub file_path: Option<String>,
    /// Line number.
    pub line_number: Option<i64>,
}

/// An issue with everything that its latest event contained.
#[derive(Debug, Clone)]
pub struct IssueDetail {
    /// The issue.
    pub issue: Issue,
    /// Stack trace, lines joined by `\n`.
    pub stack_trace: Option<String>,
    /// Context: the text of a JSON object.
    pub context: Option<String>,
}
