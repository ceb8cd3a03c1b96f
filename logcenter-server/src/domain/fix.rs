//! The lifetime of a fix: from when an issue gets one until it no longer has one.

use super::text::{CommitHash, Url};
use logcenter_core::{Status, Timestamp};

/// What is known about an issue's fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// When the issue was fixed.
    pub since: Timestamp,
    /// The commit that fixes it.
    pub commit_hash: Option<CommitHash>,
    /// The pull request that contains it.
    pub pull_request_url: Option<Url>,
}

/// The fix of an issue after its status changes at `now`.
///
/// FIXED starts a new fix; VERIFIED and DEPLOYED keep what is known and add what the change says; any other status ends
/// it.
#[must_use]
pub fn after_move(
    fix: Option<&Fix>,
    from: Status,
    to: Status,
    commit_hash: Option<&CommitHash>,
    pull_request_url: Option<&Url>,
    now: Timestamp,
) -> Option<Fix> {
    if !to.has_fix() {
        return None;
    }
    let before = fix.filter(|_| from.has_fix() && to != Status::Fixed);
    Some(Fix {
        since: before.map_or(now, |fix| fix.since),
        commit_hash: commit_hash.or(before.and_then(|fix| fix.commit_hash.as_ref())).cloned(),
        pull_request_url: pull_request_url.or(before.and_then(|fix| fix.pull_request_url.as_ref())).cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<const MAX: usize>(text: &str) -> Option<super::super::text::Text<MAX>> {
        super::super::text::Text::read(text).unwrap()
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn it_begins_with_fixed_is_added_to_and_ends() {
        let (first, second): (Option<CommitHash>, Option<CommitHash>) = (text("aaa"), text("bbb"));
        let pull: Option<Url> = text("https://forge/1");
        let fixed = after_move(None, Status::Fixing, Status::Fixed, first.as_ref(), None, at(1));
        let begun = Fix { since: at(1), commit_hash: first.clone(), pull_request_url: None };
        assert_eq!(fixed.as_ref(), Some(&begun));

        let verified =
            after_move(fixed.as_ref(), Status::Fixed, Status::Verified, None, pull.as_ref(), at(2));
        assert_eq!(verified, Some(Fix { pull_request_url: pull, ..begun.clone() }));
        let corrected =
            after_move(verified.as_ref(), Status::Verified, Status::Deployed, second.as_ref(), None, at(3));
        assert_eq!(corrected.unwrap().commit_hash, second);

        let anew = after_move(verified.as_ref(), Status::Verified, Status::Fixed, None, None, at(4));
        assert_eq!(anew, Some(Fix { since: at(4), commit_hash: None, pull_request_url: None }));
        for &to in Status::ALL.iter().filter(|to| !to.has_fix()) {
            assert_eq!(
                after_move(verified.as_ref(), Status::Verified, to, first.as_ref(), None, at(5)),
                None
            );
        }
    }

    #[test]
    fn a_status_with_a_fix_that_is_reached_by_force_begins_one() {
        let forced = after_move(None, Status::New, Status::Deployed, None, None, at(7));
        assert_eq!(forced.unwrap().since, at(7));
    }
}
