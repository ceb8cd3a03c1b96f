//! Single reports, as sent by tools. Programs report through [`init`](crate::init).

use super::{Api, Error};
use crate::clock;
use http::Method;
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An error report.
///
/// ```
/// # async fn send(api: logcenter_client::api::Api) -> Result<(), Box<dyn std::error::Error>> {
/// use logcenter_client::api::{NewReport, NewReportError};
/// use logcenter_core::{Level, Source};
///
/// let report = NewReport {
///     project_id: "shop".parse()?,
///     environment: "production".into(),
///     level: Level::Error,
///     source: Source::Runtime,
///     version: None,
///     commit_hash: None,
///     repo_url: None,
///     timestamp: None,
///     event_id: None,
///     error: NewReportError {
///         error_type: "BackupFailed".into(),
///         message: "no space left on device".into(),
///         ..NewReportError::default()
///     },
///     context: serde_json::Map::new(),
/// };
/// println!("issue {}", api.report(&report).await?.id);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewReport {
    /// The project.
    pub project_id: ProjectId,
    /// The environment it ran in.
    pub environment: String,
    /// Its severity.
    pub level: Level,
    /// Where it comes from.
    pub source: Source,
    /// The program's version.
    pub version: Option<String>,
    /// The commit it was built from.
    pub commit_hash: Option<String>,
    /// The project's repository, which fills in the project's own if that is empty.
    pub repo_url: Option<String>,
    /// When it happened (ISO 8601); `None` means now.
    pub timestamp: Option<String>,
    /// The event's ID: if sent again, the event is not counted again.
    pub event_id: Option<String>,
    /// The error.
    pub error: NewReportError,
    /// Additional context.
    pub context: Map<String, Value>,
}

/// What went wrong, and where.
///
/// ```
/// use logcenter_client::api::NewReportError;
///
/// let error = NewReportError {
///     error_type: "BackupFailed".into(),
///     message: "no space left on device".into(),
///     file_path: Some("ops/backup.sh".into()),
///     line_number: Some(12),
///     stack_trace: None,
/// };
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NewReportError {
    /// Its type.
    #[serde(rename = "type")]
    pub error_type: String,
    /// Its message.
    pub message: String,
    /// The file it occurred in.
    pub file_path: Option<String>,
    /// The line it occurred on.
    pub line_number: Option<u64>,
    /// The stack trace, split at line ends.
    pub stack_trace: Option<String>,
}

/// The result of a report.
///
/// ```
/// # fn say(reported: &logcenter_client::api::Reported) {
/// match reported.status {
///     None => println!("issue {} is new", reported.id),
///     Some(status) => println!("issue {} is known, and {status}", reported.id),
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reported {
    /// `Log reported`, `Log deduplicated` or `Regression detected, reopened`.
    pub message: String,
    /// The issue.
    pub id: i64,
    /// The issue's status, if the issue already existed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

impl Api {
    /// Reports an error. Once this returns successfully, the report is durable.
    ///
    /// # Errors
    /// [`Error`]; 422 lists every invalid field.
    pub async fn report(&self, report: &NewReport) -> Result<Reported, Error> {
        #[derive(Serialize)]
        struct Sent<'a> {
            #[serde(flatten)]
            report: &'a NewReport,
            /// What this clock shows now, so that the server can correct `timestamp`.
            sent_at: Timestamp,
        }
        let sent = Sent { report, sent_at: clock::timestamp() };
        self.send_json(Method::POST, "/api/v1/logs/report", &sent).await
    }
}
