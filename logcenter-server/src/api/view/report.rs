//! A report, as the OpenAPI document describes it. Core parses it, leniently where nothing is lost; a test keeps the
//! two in sync.
#![expect(dead_code, reason = "describes the body for the document; core reads it")]

use super::words;
use utoipa::ToSchema;

/// A report. Unknown fields are ignored; `null` means absent. An optional field that is invalid never costs the report: it
/// is read if possible, otherwise left out, and the event lists it in `repairs`.
#[derive(ToSchema)]
pub(crate) struct Report {
    /// The project; created if it is unknown.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        example = "rtc_backend"
    )]
    project_id: String,
    /// Where the error occurred: `production`, or a branch name.
    #[schema(min_length = 1, max_length = 128, example = "production")]
    environment: String,
    /// Case-insensitive; `ERR`, `WARN` and `FATAL` are accepted as aliases.
    #[schema(value_type = words::Level, example = "ERROR")]
    level: String,
    /// Where the error comes from; default `runtime`.
    #[schema(value_type = Option<words::Source>)]
    source: Option<String>,
    /// When it happened: ISO 8601, with or without offset (default UTC). If absent or unreadable, the server's time is
    /// used.
    #[schema(example = "2026-01-02T03:04:05Z")]
    timestamp: Option<String>,
    /// The client's clock when it sends the report. If it is off by more than a minute, `timestamp` is corrected by the
    /// difference.
    #[schema(example = "2026-01-02T03:04:06Z")]
    sent_at: Option<String>,
    /// Version of the program.
    version: Option<String>,
    /// Commit that the program was built from.
    commit_hash: Option<String>,
    /// URL of the git repository; becomes the project's `repo_url` if that is empty.
    repo_url: Option<String>,
    /// The error.
    error: ReportError,
    /// Additional context: any JSON object. Over 64 KiB it is truncated in the middle.
    #[schema(value_type = Option<Object>)]
    context: Option<()>,
    /// The client's id for this event. A second report with the same id is not counted, so clients may retry for 24
    /// hours.
    #[schema(max_length = 64)]
    event_id: Option<String>,
    /// How many identical errors this report stands for; default 1.
    #[schema(minimum = 1, maximum = 1_000_000)]
    count: Option<u32>,
}

/// The error.
#[derive(ToSchema)]
struct ReportError {
    /// The error's type. One of `type`, `message` and `stack_trace` must be present; a missing type is read as `Error`.
    #[schema(max_length = 512, example = "ValueError")]
    r#type: Option<String>,
    /// Its message; empty if it is missing. Over 16 KiB it is truncated in the middle.
    #[schema(example = "invalid literal for int() with base 10: 'abc'")]
    message: Option<String>,
    /// Source file.
    #[schema(example = "apps/users/views.py")]
    file_path: Option<String>,
    /// Line number.
    #[schema(minimum = 0, example = 42)]
    line_number: Option<i64>,
    /// Stack trace. Beyond 512 lines, or 4 KiB in a line, it is truncated in the middle.
    stack_trace: Option<Stack>,
}

/// An array of strings, or one string; each is split at line breaks.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(title = "StackTrace")]
enum Stack {
    Lines(Vec<String>),
    Text(String),
}

/// A batch of reports.
#[derive(ToSchema)]
pub(crate) struct Batch {
    /// At most 200 reports.
    #[schema(max_items = 200)]
    reports: Vec<Report>,
}
