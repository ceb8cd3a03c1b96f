//! Counts.

use super::StoreFuture;
use crate::domain::{IssueId, IssueStats, Overview, PeriodCount, Stats};
use logcenter_core::Timestamp;

/// Counts over issues and time.
pub trait Statistics {
    /// How the errors of an issue spread, with the hours since `since`. `None` when there is no such issue.
    fn issue_stats(&self, id: IssueId, since: Timestamp) -> StoreFuture<'_, Option<IssueStats>>;

    /// The errors of some issues by hour since `since`, by issue and hour.
    fn issue_hours(
        &self,
        ids: Vec<IssueId>,
        since: Timestamp,
    ) -> StoreFuture<'_, Vec<(IssueId, PeriodCount)>>;

    /// Totals over everything.
    fn stats(&self, now: Timestamp) -> StoreFuture<'_, Stats>;

    /// What the overview shows, with the hours since `since`.
    fn overview(&self, now: Timestamp, since: Timestamp) -> StoreFuture<'_, Overview>;
}
