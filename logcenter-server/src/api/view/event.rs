//! One accepted report in JSON.

use super::issue::{IssueError, Json};
use super::words;
use crate::domain;
use logcenter_core::{Level, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// One accepted report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Event {
    /// Its number within the issue, from 1.
    id: i64,
    /// What the client called it.
    event_id: Option<String>,
    /// When it happened, as the client says, at the latest when it was received.
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
    /// The program's version.
    version: Option<String>,
    /// The commit it was built from.
    commit_hash: Option<String>,
    /// The error.
    error: IssueError,
    /// Context sent by the client.
    #[schema(value_type = Option<Object>)]
    context: Option<Json>,
    /// How many equal errors it stands for.
    count: i64,
    /// Whether it came with a valid key.
    trusted: bool,
    /// Whether something was too long and was truncated in the middle.
    truncated: bool,
    /// Whether its JSON or its timestamp could not be taken as it was.
    repaired: bool,
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
            repaired: event.repaired,
        }
    }
}
