//! Counts.

use super::StoreFuture;
use crate::domain::{IssueId, IssueStats, Overview, PeriodCount, Scope, Stats};
use logcenter_core::Timestamp;

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

    /// The counts of the overview, with the hours since `since`.
    fn overview(&self, now: Timestamp, since: Timestamp) -> StoreFuture<'_, Overview>;
}
