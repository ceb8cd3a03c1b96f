//! What a person orders: to repair an issue now, to stop, to publish a patch.

use super::attempt::{Artifact, Attempt};
use super::lease::Lease;
use super::state::Repair;
use crate::domain::ids::AttemptId;
use crate::domain::text::Hint;
use logcenter_core::repair::{ArtifactKind, Verdict};
use logcenter_core::{Status, Timestamp};
use sha2::{Digest, Sha256};

/// A person's approval of a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The attempt that made it.
    pub attempt_id: AttemptId,
    /// The SHA-256 of the diff that the person read, in hexadecimal.
    pub diff_sha256: String,
}

/// Why a patch is not approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalRefused {
    /// No patch of this issue waits for approval.
    NotAwaited,
    /// The attempt has no patch that passed, or belongs to another issue.
    NoPatch,
    /// The diff is another than the one that was read.
    OtherDiff,
    /// The diff was truncated: nobody can have read all of it.
    Truncated,
}

/// What a person who approves a diff names it by: its SHA-256, in hexadecimal.
#[must_use]
pub fn digest(diff: &str) -> String {
    let digest = Sha256::digest(diff.as_bytes());
    digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

impl Repair {
    /// Lifts whatever keeps the issue from being offered, and puts it first in the queue.
    #[must_use]
    pub fn requested(self, hint: Option<Hint>, now: Timestamp) -> Self {
        Self {
            failed: 0,
            abandoned: 0,
            not_before: None,
            given_up: false,
            awaiting_approval: false,
            requested_at: Some(now),
            hint: hint.or(self.hint),
            publication: None,
            ..self
        }
    }

    /// Marks the lease, so that the agent stops. `None` if there is none.
    #[must_use]
    pub fn stopped(self, now: Timestamp) -> Option<Self> {
        let lease = self.lease.clone().filter(|lease| lease.is_live(now))?;
        Some(Self { lease: Some(Lease { cancel: true, ..lease }), ..self })
    }

    /// Lets a patch be published as it was read.
    ///
    /// # Errors
    /// [`ApprovalRefused`]; then nothing is changed.
    pub fn approved(
        self,
        status: Status,
        attempt: Option<&Attempt>,
        diff: Option<&Artifact>,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<Self, ApprovalRefused> {
        if !self.awaiting_approval || status != Status::PendingFix {
            return Err(ApprovalRefused::NotAwaited);
        }
        let is_fixed = attempt
            .is_some_and(|attempt| attempt.verdict == Some(Verdict::Fixed) && attempt.epoch == self.epoch);
        let diff = diff.filter(|diff| is_fixed && diff.kind == ArtifactKind::Diff);
        let diff = diff.ok_or(ApprovalRefused::NoPatch)?;
        if diff.truncated {
            return Err(ApprovalRefused::Truncated);
        }
        if !digest(&diff.text).eq_ignore_ascii_case(&approval.diff_sha256) {
            return Err(ApprovalRefused::OtherDiff);
        }
        let approved_attempt = Some(approval.attempt_id);
        Ok(Self {
            awaiting_approval: false,
            approved_attempt,
            not_before: None,
            requested_at: Some(now),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempt::attempt;
    use super::super::lease::lease;
    use super::*;
    use crate::domain::ids::Epoch;
    use logcenter_core::repair::Stage;

    const NOW: Timestamp = Timestamp::from_millis(9);

    #[test]
    fn a_request_lifts_everything_and_comes_first() {
        let worn = Repair {
            failed: 3,
            given_up: true,
            awaiting_approval: true,
            not_before: Some(Timestamp::from_millis(99)),
            hint: Some(Hint::cut("old")),
            ..Repair::default()
        };
        let plain = worn.clone().requested(None, NOW);
        assert!(plain.is_offered(NOW));
        assert_eq!((plain.failed, plain.requested_at), (0, Some(NOW)));
        assert_eq!(plain.hint.as_deref(), Some("old"));
        assert_eq!(worn.requested(Some(Hint::cut("new")), NOW).hint.as_deref(), Some("new"));
    }

    #[test]
    fn what_is_held_can_be_stopped() {
        let held = Repair { lease: Some(lease(10)), ..Repair::default() };
        assert!(held.clone().stopped(NOW).unwrap().lease.unwrap().cancel);
        assert_eq!(held.stopped(Timestamp::from_millis(10)), None);
        assert_eq!(Repair::default().stopped(NOW), None);
    }

    #[test]
    fn a_patch_is_approved_as_it_was_read() {
        let waiting = Repair { awaiting_approval: true, epoch: Epoch(3), ..Repair::default() };
        let fixed = attempt(Stage::Fix, Some(Verdict::Fixed));
        let diff = Artifact { kind: ArtifactKind::Diff, text: "abc".into(), bytes: 3, truncated: false };
        // RFC 6234: the digest of "abc".
        let digest = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
        let approval = Approval { attempt_id: fixed.id, diff_sha256: digest.into() };
        let approve = |repair: &Repair, status, attempt, diff, approval| {
            repair.clone().approved(status, attempt, diff, approval, NOW)
        };
        let at = Status::PendingFix;
        let approved = approve(&waiting, at, Some(&fixed), Some(&diff), &approval).unwrap();
        assert_eq!((approved.approved_attempt, approved.requested_at), (Some(fixed.id), Some(NOW)));
        assert!(approved.is_offered(NOW));

        let idle = Repair::default();
        let refused = |answer: Result<Repair, ApprovalRefused>| answer.unwrap_err();
        let not_awaited = ApprovalRefused::NotAwaited;
        assert_eq!(refused(approve(&idle, at, Some(&fixed), Some(&diff), &approval)), not_awaited);
        assert_eq!(
            refused(approve(&waiting, Status::New, Some(&fixed), Some(&diff), &approval)),
            not_awaited
        );
        let failed = attempt(Stage::Fix, Some(Verdict::TestsFailed));
        let no_patch = ApprovalRefused::NoPatch;
        assert_eq!(refused(approve(&waiting, at, Some(&failed), Some(&diff), &approval)), no_patch);
        assert_eq!(refused(approve(&waiting, at, None, Some(&diff), &approval)), no_patch);
        assert_eq!(refused(approve(&waiting, at, Some(&fixed), None, &approval)), no_patch);
        let cut = Artifact { truncated: true, ..diff.clone() };
        let truncated = ApprovalRefused::Truncated;
        assert_eq!(refused(approve(&waiting, at, Some(&fixed), Some(&cut), &approval)), truncated);
        let earlier = Attempt { epoch: Epoch(2), ..fixed.clone() };
        assert_eq!(refused(approve(&waiting, at, Some(&earlier), Some(&diff), &approval)), no_patch);
        let other = Artifact { text: "abd".into(), ..diff };
        let answer = approve(&waiting, at, Some(&fixed), Some(&other), &approval);
        assert_eq!(refused(answer), ApprovalRefused::OtherDiff);
    }
}
