//! When an event for a fixed issue reopens it.

use crate::text_enum::text_enum;
use crate::{Status, Timestamp};

/// Which events reopen a fixed issue of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RegressionRule {
    /// Every event.
    #[default]
    Any,
    /// Only an event of a release that had not shown the error before the fix.
    NewRelease,
}

text_enum!(RegressionRule { Any = "any", NewRelease = "new_release" });

/// What of a fixed issue decides whether an event reopens it.
#[derive(Debug, Clone, Copy)]
pub struct FixedIssue {
    /// Its status.
    pub status: Status,
    /// When it became FIXED.
    pub fixed_at: Option<Timestamp>,
    /// Whether a pull request was recorded with the fix.
    pub pull_request: bool,
}

/// What of an event decides whether it is a regression.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence {
    /// Whether the client gave an `event_id`, so that the report may be a replayed one.
    pub identified: bool,
    /// When the client says it happened; `None` when it said nothing readable.
    pub timestamp: Option<Timestamp>,
    /// Whether its `version` or `commit_hash` had shown this error before the fix.
    pub known_release: bool,
}

impl RegressionRule {
    /// Whether the event reopens the issue. One that does not only counts:
    /// - a fix whose pull request is not deployed yet: the old build still runs;
    /// - a replayed event (it has an `event_id`) that happened before the fix;
    /// - under [`NewRelease`](Self::NewRelease), a release that is known to have the error.
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
