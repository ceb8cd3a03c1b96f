//! One accepted report, as it is read.

use super::ids::EventNumber;
use super::issue::ErrorSummary;
use logcenter_core::{Level, Timestamp};

/// One accepted report.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its number within the issue.
    pub id: EventNumber,
    /// What the client called it.
    pub event_id: Option<String>,
    /// When it happened, as the client says, at the latest when it was received.
    pub at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// The environment.
    pub environment: String,
    /// How bad it was.
    pub level: Level,
    /// The version of the program.
    pub version: Option<String>,
    /// The commit that the program was built from.
    pub commit_hash: Option<String>,
    /// What went wrong.
    pub error: ErrorSummary,
    /// The stack, lines joined by `\n`.
    pub stack_trace: Option<String>,
    /// What the client sent along: the text of a JSON object.
    pub context: Option<String>,
    /// How many equal errors it stands for.
    pub count: i64,
    /// Whether it came with a valid key.
    pub trusted: bool,
    /// Whether something was too long and lost its middle.
    pub truncated: bool,
    /// Whether its JSON or its timestamp could not be taken as it was.
    pub repaired: bool,
}
