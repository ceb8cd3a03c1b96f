//! An issue as JSON.

use super::words;
use crate::domain;
use crate::domain::repair::LeaseSummary;
use logcenter_core::{Fingerprint, Level, ProjectId, Source, Status, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// An issue: all events with the same fingerprint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Issue {
    /// Id of the issue; never changes and is never reused.
    id: i64,
    /// MD5 of what identifies the issue, in lower-case hexadecimal.
    #[schema(value_type = String, example = "0aef4a677dc8df671fac47d8a86a8452")]
    fingerprint: Fingerprint,
    /// The project it belongs to.
    #[schema(value_type = String, example = "rtc_backend")]
    project_id: ProjectId,
    /// Where the error comes from.
    #[schema(value_type = words::Source)]
    source: Source,
    /// Current status.
    #[schema(value_type = words::Status)]
    status: Status,
    /// Incremented by every status change, but not by events.
    revision: i64,
    /// Environment of the latest event.
    environment: String,
    /// Level of the latest event.
    #[schema(value_type = words::Level)]
    level: Level,
    /// Version reported by the latest event.
    version: Option<String>,
    /// Commit reported by the latest event.
    commit_hash: Option<String>,
    /// The error of the latest event.
    error: IssueError,
    /// Context of the latest event; omitted in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    context: Option<Option<Json>>,
    /// Number of events; a report adds its `count`.
    count: i64,
    /// Number of regressions: times it was seen again after a fix.
    regressions: i64,
    /// Whether the latest event came with a valid key.
    trusted: bool,
    /// When it was first seen.
    #[schema(value_type = String, format = DateTime)]
    first_seen: Timestamp,
    /// When it was last seen.
    #[schema(value_type = String, format = DateTime)]
    last_seen: Timestamp,
    /// The agent's hold on it; `null` if none works on it.
    lease: Option<Lease>,
}

/// An agent's hold on an issue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Lease {
    /// The agent's name.
    worker: String,
    /// Which claim of the issue it is.
    epoch: i64,
    /// When it runs out.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<LeaseSummary> for Lease {
    fn from(lease: LeaseSummary) -> Self {
        let LeaseSummary { worker, epoch, expires_at } = lease;
        Self { worker, epoch: epoch.0, expires_at }
    }
}

/// The error, and where it occurred.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssueError {
    /// The error's type.
    #[serde(rename = "type")]
    #[schema(example = "ValueError")]
    error_type: String,
    /// Its message.
    message: String,
    /// Source file.
    file_path: Option<String>,
    /// Line number.
    line_number: Option<i64>,
    /// Stack trace, one string per line; omitted in lists of issues.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    stack_trace: Option<Option<StackTrace>>,
}

impl IssueError {
    pub(super) fn summary(error: domain::ErrorSummary) -> Self {
        let domain::ErrorSummary { error_type, message, file_path, line_number } = error;
        Self { error_type, message, file_path, line_number, stack_trace: None }
    }

    pub(super) fn whole(error: domain::ErrorSummary, stack_trace: Option<String>) -> Self {
        Self { stack_trace: Some(stack_trace.map(StackTrace)), ..Self::summary(error) }
    }
}

/// A stack trace: lines joined by `\n`, an array of strings in JSON.
#[derive(Debug)]
pub(super) struct StackTrace(String);

impl Serialize for StackTrace {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let lines = if self.0.is_empty() { None } else { Some(self.0.split('\n')) };
        to.collect_seq(lines.into_iter().flatten())
    }
}

/// JSON text that is passed through unchanged.
#[derive(Debug)]
pub(super) struct Json(pub(super) String);

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let value: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        value.serialize(to)
    }
}

impl From<domain::Issue> for Issue {
    fn from(issue: domain::Issue) -> Self {
        Self {
            id: issue.id.0,
            fingerprint: issue.fingerprint,
            project_id: issue.project_id,
            source: issue.source,
            status: issue.status,
            revision: issue.revision.0,
            environment: issue.environment,
            level: issue.level,
            version: issue.version,
            commit_hash: issue.commit_hash,
            error: IssueError::summary(issue.error),
            context: None,
            count: issue.count,
            regressions: issue.regressions,
            trusted: issue.trusted,
            first_seen: issue.first_seen,
            last_seen: issue.last_seen,
            lease: issue.lease.map(Into::into),
        }
    }
}

impl From<domain::IssueDetail> for Issue {
    fn from(detail: domain::IssueDetail) -> Self {
        let domain::IssueDetail { issue, stack_trace, context } = detail;
        let error = IssueError::whole(issue.error.clone(), stack_trace);
        Self { error, context: Some(context.map(Json)), ..issue.into() }
    }
}

/// An issue as one line of JSON, without stack trace and context.
pub(crate) fn issue_json(issue: &domain::Issue) -> String {
    serde_json::to_string(&Issue::from(issue.clone())).unwrap_or_default()
}
