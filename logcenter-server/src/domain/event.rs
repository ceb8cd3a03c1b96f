//! One accepted report, as it is read.

use super::issue::{IssueError, Json};
use crate::schema;
use logcenter_core::{Level, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// One accepted report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Event {
    /// Its number within the issue, from 1.
    pub id: i64,
    /// What the client called it.
    pub event_id: Option<String>,
    /// When it happened, as the client says, at the latest when it was received.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// Where it ran.
    pub environment: String,
    /// How bad it was.
    #[schema(value_type = schema::Level)]
    pub level: Level,
    /// The program's version.
    pub version: Option<String>,
    /// The commit it was built from.
    pub commit_hash: Option<String>,
    /// What went wrong.
    pub error: IssueError,
    /// What the client sent along.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Json>,
    /// How many equal errors it stands for.
    pub count: i64,
    /// Whether it came with a valid key.
    pub trusted: bool,
    /// Whether something was too long and lost its middle.
    pub truncated: bool,
    /// Whether its JSON or its timestamp could not be taken as it was.
    pub repaired: bool,
}
