//! An accepted report, as read from the store.

use super::ids::EventNumber;
use super::issue::ErrorSummary;
use logcenter_core::report::Repair;
use logcenter_core::{Level, Timestamp};

/// An accepted report.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its number within the issue.
    pub id: EventNumber,
    /// The id that the client gave it.
    pub event_id: Option<String>,
    /// When it happened, according to the client; never later than `received_at`.
    pub at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// The environment.
    pub environment: String,
    /// Severity.
    pub level: Level,
    /// The version of the program.
    pub version: Option<String>,
    /// The commit that the program was built from.
    pub commit_hash: Option<String>,
    /// The error.
    pub error: ErrorSummary,
    /// Stack trace, lines joined by `\n`.
    pub stack_trace: Option<String>,
    /// Context sent by the client: the text of a JSON object.
    pub context: Option<String>,
    /// How many identical errors it stands for.
    pub count: i64,
    /// Whether it came with a valid key.
    pub trusted: bool,
    /// Whether an oversized value was truncated in the middle.
    pub truncated: bool,
    /// What had to be repaired in it; `None` if nothing. May be empty for events of earlier versions.
    pub repairs: Option<Vec<Repair>>,
}
