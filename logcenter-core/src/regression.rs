//! Decides when an event reopens a fixed issue.

use crate::text_enum::text_enum;
use crate::{Status, Timestamp};

/// Which events reopen a project's fixed issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RegressionRule {
    /// Every event.
    #[default]
    Any,
    /// Only events of a release in which the error was not seen before the fix.
    NewRelease,
}

text_enum!(RegressionRule { Any = "any", NewRelease = "new_release" });

/// The properties of a fixed issue that decide whether an event reopens it.
#[derive(Debug, Clone, Copy)]
pub struct FixedIssue {
    /// Its status.
    pub status: Status,
    /// When it was marked FIXED.
    pub fixed_at: Option<Timestamp>,
    /// Whether a branch or a pull request was recorded with the fix, so that it reaches the running program only later.
    pub published: bool,
    /// When it was marked VERIFIED, which for a published fix means merged.
    pub verified_at: Option<Timestamp>,
}

/// The properties of an event that decide whether it is a regression.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence {
    /// Whether the client sent an `event_id`, so that the report may be a replay.
    pub identified: bool,
    /// When the client says it happened; `None` if it sent no readable timestamp.
    pub timestamp: Option<Timestamp>,
    /// When it was received.
    pub received_at: Timestamp,
    /// Whether it names a `version` or a `commit_hash`.
    pub names_release: bool,
    /// Whether the error was seen in its `version` or `commit_hash` before the fix.
    pub known_release: bool,
}

const HOUR: i64 = 60 * 60 * 1000;

/// How long an unmerged fix keeps its issue from being reopened, in milliseconds: 14 days.
const UNMERGED: i64 = 14 * 24 * HOUR;

/// How long after the merge events of old builds are expected, in milliseconds: 72 hours.
const UNDEPLOYED: i64 = 72 * HOUR;

/// Whether an event is one that a published fix cannot have prevented yet.
fn is_on_its_way(fix: FixedIssue, event: Occurrence) -> bool {
    let within =
        |since: Option<Timestamp>, millis| since.is_some_and(|at| event.received_at < at.plus_millis(millis));
    fix.published
        && match fix.status {
            Status::Fixed => within(fix.fixed_at, UNMERGED),
            Status::Verified => {
                within(fix.verified_at, UNDEPLOYED) && (event.known_release || !event.names_release)
            }
            Status::New
            | Status::Verifying
            | Status::CannotReproduce
            | Status::PendingFix
            | Status::Fixing
            | Status::Deployed
            | Status::FixFailed => false,
        }
}

impl RegressionRule {
    /// Whether the event reopens the issue. These events are only counted:
    /// - any event while the fix's branch or pull request is not merged, for at most 14 days; after that, until a
    ///   deployment or for at most 72 hours, events of a release that is known to have the error, or of none: the old
    ///   build is still running;
    /// - a replayed event (one with an `event_id`) that happened before the fix;
    /// - under [`NewRelease`](Self::NewRelease), an event of a release that is known to have the error.
    #[must_use]
    pub fn reopens(self, fix: FixedIssue, event: Occurrence) -> bool {
        let on_its_way = is_on_its_way(fix, event);
        let replayed = event.identified
            && matches!((event.timestamp, fix.fixed_at), (Some(at), Some(fixed)) if at < fixed);
        let old_release = match self {
            Self::Any => false,
            Self::NewRelease => event.known_release,
        };
        fix.status.has_fix() && !on_its_way && !replayed && !old_release
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIX: FixedIssue = FixedIssue {
        status: Status::Fixed,
        fixed_at: Some(Timestamp::from_millis(100)),
        published: false,
        verified_at: None,
    };
    const EVENT: Occurrence = Occurrence {
        identified: false,
        timestamp: None,
        received_at: Timestamp::from_millis(200),
        names_release: false,
        known_release: false,
    };

    #[test]
    fn every_event_reopens_a_fix() {
        for &status in Status::ALL {
            assert_eq!(
                RegressionRule::Any.reopens(FixedIssue { status, ..FIX }, EVENT),
                status.has_fix(),
                "{status}"
            );
        }
    }

    #[test]
    fn a_published_fix_holds_until_it_is_merged_for_fourteen_days_at_most() {
        let fix = FixedIssue { published: true, ..FIX };
        let at = |millis| Occurrence { received_at: Timestamp::from_millis(100 + millis), ..EVENT };
        assert!(!RegressionRule::Any.reopens(fix, at(UNMERGED - 1)));
        assert!(RegressionRule::Any.reopens(fix, at(UNMERGED)));
        let deployed = FixedIssue { status: Status::Deployed, ..fix };
        assert!(RegressionRule::Any.reopens(deployed, EVENT));
    }

    #[test]
    fn after_the_merge_old_builds_only_count_for_three_days_at_most() {
        let verified_at = Some(Timestamp::from_millis(100));
        let fix = FixedIssue { published: true, status: Status::Verified, verified_at, ..FIX };
        let at = |millis, names_release, known_release| Occurrence {
            received_at: Timestamp::from_millis(100 + millis),
            names_release,
            known_release,
            ..EVENT
        };
        let reopens = |event| RegressionRule::Any.reopens(fix, event);
        assert!(!reopens(at(1, true, true)) && !reopens(at(1, false, false)));
        assert!(reopens(at(1, true, false)), "the new build has the error, too");
        assert!(!reopens(at(UNDEPLOYED - 1, false, false)));
        assert!(reopens(at(UNDEPLOYED, true, true)) && reopens(at(UNDEPLOYED, false, false)));
        let by_hand = FixedIssue { published: false, ..fix };
        assert!(RegressionRule::Any.reopens(by_hand, at(1, true, true)));
    }

    #[test]
    fn a_replayed_event_from_before_the_fix_only_counts() {
        let at = |millis, identified| Occurrence {
            identified,
            timestamp: Some(Timestamp::from_millis(millis)),
            ..EVENT
        };
        assert!(!RegressionRule::Any.reopens(FIX, at(99, true)));
        assert!(RegressionRule::Any.reopens(FIX, at(100, true)));
        assert!(RegressionRule::Any.reopens(FIX, at(99, false)));
    }

    #[test]
    fn a_known_release_counts_only_under_new_release() {
        let event = Occurrence { known_release: true, ..EVENT };
        assert!(RegressionRule::Any.reopens(FIX, event));
        assert!(!RegressionRule::NewRelease.reopens(FIX, event));
        assert!(RegressionRule::NewRelease.reopens(FIX, EVENT));
    }
}
