//! What is worth a look, over everything.

use logcenter_core::{ProjectId, Source, Status, Timestamp};

/// How many issues of a project and a source stand somewhere.
#[derive(Debug, Clone)]
pub struct IssueCount {
    /// The project.
    pub project_id: ProjectId,
    /// Where they stand.
    pub status: Status,
    /// Where they arise.
    pub source: Source,
    /// How many issues.
    pub issues: i64,
}

/// How many errors of a source in an hour that saw any.
#[derive(Debug, Clone)]
pub struct SourceHour {
    /// When the hour begins.
    pub at: Timestamp,
    /// Where they arose.
    pub source: Source,
    /// How many errors.
    pub count: i64,
}

/// How it stands.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Issues by project, status and source.
    pub counts: Vec<IssueCount>,
    /// Errors by hour and source, since the beginning of the time that was asked for, oldest first.
    pub hours: Vec<SourceHour>,
    /// Errors by project in the newest 24 hours.
    pub projects: Vec<(ProjectId, i64)>,
    /// Issues that were first seen in the newest 24 hours.
    pub new: i64,
    /// Issues that came back in the newest 24 hours, the latest first.
    pub regressed: Vec<i64>,
}
