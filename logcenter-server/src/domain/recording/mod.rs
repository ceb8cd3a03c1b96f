//! Recording a batch of reports. A store sorts a batch ([`sort`]), loads what the rules need to know about each group,
//! and writes what [`plan`] returns.

mod hour_count;
mod plan;
mod sort;
mod state;
#[cfg(test)]
mod tests;

pub use hour_count::{HourCount, counted_environment};
pub use plan::{IssuePlan, KnownIssue, Plan, ProjectPlan, ProjectState, plan};
pub use sort::{EventKey, Group, Recorded, Sorted, event_keys, sort};
pub use state::{IssueState, SeenRelease};

/// How many of an issue's newest releases are remembered.
pub const KEPT_RELEASES: u32 = 256;

/// How long an event id is remembered after it was last seen, in milliseconds: 24 hours.
pub const EVENT_ID_MEMORY_MILLIS: i64 = 24 * 60 * 60 * 1000;
