//! Counts.

use super::StoreFuture;
use crate::domain::{IssueId, IssueStats, Overview, PeriodCount, Scope, StateCount, Stats};
use logcenter_core::{ProjectId, Timestamp};

/// Counts over issues and time.
pub trait Statistics {
    /// Event counts of an issue, with the hours since `since`. `None` if there is no such issue.
    fn issue_stats(&self, id: IssueId, since: Timestamp) -> StoreFuture<'_, Option<IssueStats>>;

    /// Events of some issues by hour since `since`, ordered by issue and hour.
    fn issue_hours(
        &self,
        ids: Vec<IssueId>,
        since: Timestamp,
    ) -> StoreFuture<'_, Vec<(IssueId, PeriodCount)>>;

    /// Totals across the projects of a scope.
    fn stats(&self, scope: Scope, now: Timestamp) -> StoreFuture<'_, Stats>;

    /// Numbers of issues by status, of one project or of all; a status without issues is left out. `None` if there are so many
    /// that a list would wait for their number.
    fn state_counts(&self, project_id: Option<ProjectId>) -> StoreFuture<'_, Option<Vec<StateCount>>>;

    /// The counts of the overview, with the hours since `since`.
    fn overview(&self, now: Timestamp, since: Timestamp) -> StoreFuture<'_, Overview>;
}
