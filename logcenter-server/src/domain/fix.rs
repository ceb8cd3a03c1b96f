//! The lifetime of a fix: from when an issue gets one until it no longer has one.

use super::text::{Branch, CommitHash, Url};
use logcenter_core::{Status, Timestamp};

/// What is known about an issue's fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// When the issue was fixed.
    pub since: Timestamp,
    /// The commit that fixes it.
    pub commit_hash: Option<CommitHash>,
    /// The branch that it is on.
    pub branch: Option<Branch>,
    /// The pull request that contains it.
    pub pull_request_url: Option<Url>,
    /// When it was verified, which for one on a branch means merged.
    pub verified_at: Option<Timestamp>,
}

impl Fix {
    /// Whether it was published on a branch, so that it reaches the running program only later.
    #[must_use]
    pub const fn is_published(&self) -> bool {
        self.branch.is_some() || self.pull_request_url.is_some()
    }
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
        branch: before.and_then(|fix| fix.branch.clone()),
        pull_request_url: pull_request_url.or(before.and_then(|fix| fix.pull_request_url.as_ref())).cloned(),
        verified_at: before
            .and_then(|fix| fix.verified_at)
            .or_else(|| (to == Status::Verified).then_some(now)),
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
        let begun = Fix {
            since: at(1),
            commit_hash: first.clone(),
            branch: None,
            pull_request_url: None,
            verified_at: None,
        };
        assert_eq!(fixed.as_ref(), Some(&begun));
        let fixed = fixed.map(|fix| Fix { branch: text("b"), ..fix });

        let verified =
            after_move(fixed.as_ref(), Status::Fixed, Status::Verified, None, pull.as_ref(), at(2));
        let expected =
            Fix { pull_request_url: pull, verified_at: Some(at(2)), branch: text("b"), ..begun.clone() };
        assert_eq!(verified, Some(expected));
        let corrected =
            after_move(verified.as_ref(), Status::Verified, Status::Deployed, second.as_ref(), None, at(3));
        let corrected = corrected.unwrap();
        assert_eq!((corrected.commit_hash, corrected.verified_at), (second, Some(at(2))));

        let anew = after_move(verified.as_ref(), Status::Verified, Status::Fixed, None, None, at(4));
        assert_eq!(anew, Some(Fix { since: at(4), commit_hash: None, ..begun }));
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
