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
    /// Whether a pull request was recorded with the fix.
    pub pull_request: bool,
}

/// The properties of an event that decide whether it is a regression.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence {
    /// Whether the client sent an `event_id`, so that the report may be a replay.
    pub identified: bool,
    /// When the client says it happened; `None` if it sent no readable timestamp.
    pub timestamp: Option<Timestamp>,
    /// Whether the error was seen in its `version` or `commit_hash` before the fix.
    pub known_release: bool,
}

impl RegressionRule {
    /// Whether the event reopens the issue. These events are only counted:
    /// - any event while the fix's pull request is not deployed yet: the old build is still running;
    /// - a replayed event (one with an `event_id`) that happened before the fix;
    /// - under [`NewRelease`](Self::NewRelease), an event of a release that is known to have the error.
    #[must_use]
    pub fn reopens(self, fix: FixedIssue, event: Occurrence) -> bool {
        let on_its_way = fix.pull_request && fix.status != Status::Deployed;
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
        pull_request: false,
    };
    const EVENT: Occurrence = Occurrence { identified: false, timestamp: None, known_release: false };

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
    fn a_pull_request_holds_until_it_is_deployed() {
        for (status, reopens) in [(Status::Fixed, false), (Status::Verified, false), (Status::Deployed, true)]
        {
            let fix = FixedIssue { status, pull_request: true, ..FIX };
            assert_eq!(RegressionRule::Any.reopens(fix, EVENT), reopens, "{status}");
        }
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
