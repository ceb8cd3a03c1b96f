//! An issue, as it is read.

use super::ids::{IssueId, Revision};
use logcenter_core::{Fingerprint, Level, ProjectId, Source, Status, Timestamp};

/// All events with one fingerprint. What describes it (environment … trusted) is that of its latest event.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Its number.
    pub id: IssueId,
    /// What identifies it.
    pub fingerprint: Fingerprint,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Where it arises.
    pub source: Source,
    /// Its status.
    pub status: Status,
    /// Raised by every status change and never by counting.
    pub revision: Revision,
    /// The environment.
    pub environment: String,
    /// How bad it is.
    pub level: Level,
    /// The version of the program.
    pub version: Option<String>,
    /// The commit that the program was built from.
    pub commit_hash: Option<String>,
    /// What went wrong.
    pub error: ErrorSummary,
    /// Errors counted.
    pub count: i64,
    /// How often it came back after a fix.
    pub regressions: i64,
    /// Whether the report came with a valid key.
    pub trusted: bool,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
}

/// What went wrong, and where.
#[derive(Debug, Clone)]
pub struct ErrorSummary {
    /// The error's type.
    pub error_type: String,
    /// Its message.
    pub message: String,
    /// The file it arose in.
    pub file_path: Option<String>,
    /// The line it arose at.
    pub line_number: Option<i64>,
}

/// An issue with all that its latest event brought.
#[derive(Debug, Clone)]
pub struct IssueDetail {
    /// The issue.
    pub issue: Issue,
    /// The stack, lines joined by `\n`.
    pub stack_trace: Option<String>,
    /// The context, the text of a JSON object.
    pub context: Option<String>,
}
