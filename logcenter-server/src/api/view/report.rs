//! A report, as the document describes it. Core reads it, lenient where nothing is lost; a test holds the two together.
#![expect(dead_code, reason = "describes the body for the document; core reads it")]

use super::words;
use utoipa::ToSchema;

/// A report. Unknown fields are ignored; `null` means absent.
#[derive(ToSchema)]
pub(crate) struct Report {
    /// The project. An unknown one is created.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        example = "rtc_backend"
    )]
    project_id: String,
    /// Where it ran: `production`, but also a branch name.
    #[schema(min_length = 1, max_length = 128, example = "production")]
    environment: String,
    /// In any letter case; `ERR`, `WARN` and `FATAL` are read as these.
    #[schema(value_type = words::Level)]
    level: String,
    /// Where it arises; default `runtime`.
    #[schema(value_type = Option<words::Source>)]
    source: Option<String>,
    /// When it happened: ISO 8601, with or without offset (none means UTC). Absent or unreadable: the server's time.
    #[schema(example = "2026-01-02T03:04:05Z")]
    timestamp: Option<String>,
    /// The program's version.
    version: Option<String>,
    /// The commit it was built from.
    commit_hash: Option<String>,
    /// The git repository; fills the project's own where that is empty.
    repo_url: Option<String>,
    /// What went wrong.
    error: ReportError,
    /// Whatever helps: any JSON object. Over 64 KiB it loses its middle.
    #[schema(value_type = Option<Object>)]
    context: Option<()>,
    /// What the client calls this event: a second report with it is not counted, so a client may retry for 24 hours.
    #[schema(max_length = 64)]
    event_id: Option<String>,
    /// How many equal errors this report stands for; default 1.
    #[schema(minimum = 1, maximum = 1_000_000)]
    count: Option<u32>,
}

/// What went wrong.
#[derive(ToSchema)]
struct ReportError {
    /// The error's type.
    #[schema(min_length = 1, max_length = 512, example = "ValueError")]
    r#type: String,
    /// Its message. Over 16 KiB it loses its middle.
    message: String,
    /// The file it arose in.
    #[schema(example = "apps/users/views.py")]
    file_path: Option<String>,
    /// The line it arose at.
    #[schema(minimum = 0, example = 42)]
    line_number: Option<i64>,
    /// The stack. Of more than 512 lines, or lines of more than 4 KiB, the middle is left out.
    stack_trace: Option<Stack>,
}

/// An array of strings, or one string; each is split at line ends.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(title = "StackTrace")]
enum Stack {
    Lines(Vec<String>),
    Text(String),
}

/// Many reports.
#[derive(ToSchema)]
pub(crate) struct Batch {
    /// At most 200.
    #[schema(max_items = 200)]
    reports: Vec<Report>,
}
