//! An accepted report as JSON.

use super::issue::{IssueError, Json};
use super::words;
use crate::domain;
use logcenter_core::{Level, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// An event: one accepted report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Event {
    /// Number within the issue, starting at 1.
    id: i64,
    /// The id that the client gave it.
    event_id: Option<String>,
    /// When it happened, according to the client; never later than `received_at`.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The environment.
    environment: String,
    /// Severity.
    #[schema(value_type = words::Level)]
    level: Level,
    /// Version of the program.
    version: Option<String>,
    /// Commit that the program was built from.
    commit_hash: Option<String>,
    /// The error.
    error: IssueError,
    /// Context sent by the client.
    #[schema(value_type = Option<Object>)]
    context: Option<Json>,
    /// How many identical errors it stands for.
    count: i64,
    /// Whether it came with a valid key.
    trusted: bool,
    /// Whether an oversized value was truncated in the middle.
    truncated: bool,
    /// Whether something in it could not be used as it was sent.
    repaired: bool,
    /// What that was, and how it was read.
    repairs: Vec<Repair>,
}

/// Something that could not be used as it was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Repair {
    /// JSON pointer to it; empty for the whole body.
    #[schema(example = "/error/line_number")]
    pointer: String,
    /// What was wrong, and how it was read.
    #[schema(example = "a string was read as a number")]
    detail: String,
}

impl From<logcenter_core::report::Repair> for Repair {
    fn from(repair: logcenter_core::report::Repair) -> Self {
        Self { pointer: repair.pointer, detail: repair.detail }
    }
}

impl From<domain::Event> for Event {
    fn from(event: domain::Event) -> Self {
        Self {
            id: event.id.0,
            event_id: event.event_id,
            at: event.at,
            received_at: event.received_at,
            environment: event.environment,
            level: event.level,
            version: event.version,
            commit_hash: event.commit_hash,
            error: IssueError::whole(event.error, event.stack_trace),
            context: event.context.map(Json),
            count: event.count,
            trusted: event.trusted,
            truncated: event.truncated,
            repaired: event.repairs.is_some(),
            repairs: event.repairs.into_iter().flatten().map(Repair::from).collect(),
        }
    }
}
