//! A report that is about to be sent.

use logcenter_core::{Fingerprint, Level, ProjectId, Timestamp, fingerprint::Identity};
use serde::Serialize;
use serde_json::{Map, Value};

/// A report that is about to be sent; [`Config::before_send`](crate::Config::before_send) may change it.
///
/// ```
/// use logcenter_client::Config;
///
/// let config = Config::from_env().before_send(|report| {
///     report.context.insert("region".into(), "eu-1".into());
///     !report.message.contains("client went away")
/// });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Its severity.
    pub level: Level,
    /// `error.type`: a type's name, `panic`, or `Http500 GET /users/{id}`.
    pub error_type: String,
    /// `error.message`.
    pub message: String,
    /// The file it occurred in: `src/main.rs`, `dep:serde/src/de.rs`, `std:core/src/option.rs`.
    pub file_path: Option<String>,
    /// The line it occurred on.
    pub line_number: Option<u32>,
    /// The stack trace, one line per frame, innermost first: `app::main at src/main.rs:42`.
    pub stack_trace: Vec<String>,
    /// Additional context: `request`, `causes`, and what was added to the error.
    pub context: Map<String, Value>,
    /// The environment the program runs in.
    pub environment: String,
    /// How many occurrences it stands for.
    pub count: u32,
    pub(crate) event_id: String,
    pub(crate) at: Timestamp,
}

/// What all reports of a program have in common.
#[derive(Debug, Serialize)]
pub(crate) struct Sender<'a> {
    pub(crate) project_id: &'a ProjectId,
    pub(crate) version: Option<&'a str>,
    pub(crate) commit_hash: Option<&'a str>,
}

#[derive(Serialize)]
struct Wire<'a> {
    #[serde(flatten)]
    sender: &'a Sender<'a>,
    source: &'static str,
    environment: &'a str,
    level: Level,
    timestamp: Timestamp,
    event_id: &'a str,
    count: u32,
    error: WireError<'a>,
    context: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct WireError<'a> {
    r#type: &'a str,
    message: &'a str,
    file_path: Option<&'a str>,
    line_number: Option<u32>,
    stack_trace: &'a [String],
}

impl Report {
    /// Its issue's fingerprint, as the server will compute it.
    pub(crate) fn fingerprint(&self, project_id: &ProjectId) -> Fingerprint {
        let file_path = self.file_path.as_deref().unwrap_or("");
        let identity = Identity::Runtime { file_path, line_number: self.line_number.map(u64::from) };
        Fingerprint::of(project_id, &self.error_type, identity)
    }

    /// One line of JSON.
    pub(crate) fn to_json(&self, sender: &Sender<'_>) -> String {
        let wire = Wire {
            sender,
            source: "runtime",
            environment: &self.environment,
            level: self.level,
            timestamp: self.at,
            event_id: &self.event_id,
            count: self.count,
            error: WireError {
                r#type: &self.error_type,
                message: &self.message,
                file_path: self.file_path.as_deref(),
                line_number: self.line_number,
                stack_trace: &self.stack_trace,
            },
            context: &self.context,
        };
        // Only strings, numbers and maps with string keys, so this cannot fail.
        serde_json::to_string(&wire).unwrap_or_default()
    }
}
