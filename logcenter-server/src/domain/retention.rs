//! How long is kept what only grows: counts by the hour, and what belongs to closed issues.

use super::ids::IssueId;
use super::stats::DAY_MILLIS;
use logcenter_core::{Status, Timestamp};

/// What is kept, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How long errors are counted by the hour, in milliseconds; after that by the day. At least
    /// [`LEAST_HOURS_MILLIS`](Self::LEAST_HOURS_MILLIS).
    pub hours_millis: i64,
    /// How long a closed issue that is not seen keeps its events, counts by time and attempts, in milliseconds. `None`:
    /// for ever.
    pub issues_millis: Option<i64>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { hours_millis: 14 * DAY_MILLIS, issues_millis: None }
    }
}

impl Retention {
    /// The least time for counts by the hour: pages show a week of them.
    pub const LEAST_HOURS_MILLIS: i64 = 7 * DAY_MILLIS;

    /// The day before which errors are counted by the day.
    #[must_use]
    pub fn hours_until(&self, now: Timestamp) -> Timestamp {
        now.minus_millis(self.hours_millis.max(Self::LEAST_HOURS_MILLIS)).day()
    }

    /// The time before which a closed issue must have been seen last, to lose what belongs to it.
    #[must_use]
    pub fn issues_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.issues_millis.map(|millis| now.minus_millis(millis))
    }

    /// The statuses of closed issues.
    pub fn closed() -> impl Iterator<Item = Status> {
        Status::ALL.iter().copied().filter(|status| !status.is_open())
    }
}

/// How far a pass of the retention has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionStep {
    /// The issues after this one are next.
    Issues {
        /// The last one that is done.
        after: IssueId,
    },
    /// The counts of projects are next.
    Projects,
}

impl RetentionStep {
    /// Where a pass begins.
    pub const FIRST: Self = Self::Issues { after: IssueId(0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_become_days_at_the_beginning_of_a_day_and_pages_keep_their_week() {
        let now = Timestamp::from_millis(100 * DAY_MILLIS + 5);
        let until = |days: i64| {
            let retention = Retention { hours_millis: days * DAY_MILLIS, ..Retention::default() };
            retention.hours_until(now).millis() / DAY_MILLIS
        };
        assert_eq!((until(14), until(30), until(0)), (86, 70, 93));
        assert_eq!(Retention::default().issues_until(now), None);
    }

    #[test]
    fn an_open_issue_keeps_everything() {
        assert!(Retention::closed().all(|status| !status.is_open()));
        assert!(Retention::closed().any(|status| status == Status::Deployed));
    }
}
