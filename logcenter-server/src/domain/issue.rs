//! An issue as it is read.

use crate::schema;
use logcenter_core::{Fingerprint, Level, ProjectId, Source, Status, Timestamp};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// All events with one fingerprint.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Issue {
    /// Its number: never changes and is never used again.
    pub id: i64,
    /// Lower-case hexadecimal MD5 of what identifies it.
    #[schema(value_type = String, example = "0aef4a677dc8df671fac47d8a86a8452")]
    pub fingerprint: Fingerprint,
    /// The project it belongs to.
    #[schema(value_type = String, example = "rtc_backend")]
    pub project_id: ProjectId,
    /// Where it arises.
    #[schema(value_type = schema::Source)]
    pub source: Source,
    /// Where it stands.
    #[schema(value_type = schema::Status)]
    pub status: Status,
    /// Raised by every status change and never by counting.
    pub revision: i64,
    /// The environment of its latest event.
    pub environment: String,
    /// The level of its latest event.
    #[schema(value_type = schema::Level)]
    pub level: Level,
    /// The version of its latest event.
    pub version: Option<String>,
    /// The commit of its latest event.
    pub commit_hash: Option<String>,
    /// The error of its latest event.
    pub error: IssueError,
    /// The context of its latest event; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub context: Option<Option<Json>>,
    /// How many errors were reported.
    pub count: i64,
    /// How often it came back after a fix.
    pub regressions: i64,
    /// Whether its latest event came with a valid key.
    pub trusted: bool,
    /// When it was first seen.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// When it was last seen.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// Who works on it; `null` when nobody does.
    #[schema(value_type = Option<Object>)]
    pub lease: Option<()>,
}

/// What went wrong, and where.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IssueError {
    /// The error's type.
    #[serde(rename = "type")]
    #[schema(example = "ValueError")]
    pub error_type: String,
    /// Its message.
    pub message: String,
    /// The file it arose in.
    pub file_path: Option<String>,
    /// The line it arose at.
    pub line_number: Option<i64>,
    /// The stack, a line each; left out in lists of issues.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub stack_trace: Option<Option<StackTrace>>,
}

/// A stack trace: lines joined by `\n`, an array of strings in JSON.
#[derive(Debug, Clone)]
pub struct StackTrace(pub String);

impl Serialize for StackTrace {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let lines = if self.0.is_empty() { None } else { Some(self.0.split('\n')) };
        to.collect_seq(lines.into_iter().flatten())
    }
}

/// The text of a JSON value, passed on as it is.
#[derive(Debug, Clone)]
pub struct Json(pub String);

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let value: &serde_json::value::RawValue =
            serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        value.serialize(to)
    }
}
