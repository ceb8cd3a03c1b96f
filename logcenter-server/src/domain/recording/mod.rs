//! What a batch of reports does. A store sorts a batch ([`sort`]), loads what the rules need to know of each group, and
//! writes what [`plan`] says.

mod hour_count;
mod plan;
mod sort;
mod state;
#[cfg(test)]
mod tests;

pub use hour_count::HourCount;
pub use plan::{IssuePlan, KnownIssue, Plan, ProjectPlan, ProjectState, plan};
pub use sort::{EventKey, Group, Recorded, Sorted, event_keys, sort};
pub use state::{IssueState, SeenRelease};

/// How many releases of an issue are remembered, the newest of them.
pub const KEPT_RELEASES: u32 = 256;

/// How long a client may take to send a report again, in milliseconds: 24 hours after its last repeat.
pub const EVENT_ID_MEMORY_MILLIS: i64 = 24 * 60 * 60 * 1000;
