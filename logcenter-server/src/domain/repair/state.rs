//! What is known about the repair of an issue.

use super::lease::{Lease, LeaseProof, LeaseRefused};
use crate::domain::ids::{AttemptId, Epoch};
use crate::domain::text::{Branch, CheckName, CommitHash, Hint, Url};
use logcenter_core::{Status, Timestamp};

/// A fix that was published and is neither merged nor refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its branch.
    pub branch: Branch,
    /// The branch that it is meant for, if the agent said so.
    pub base_branch: Option<Branch>,
    /// Its pull request.
    pub pull_request_url: Option<Url>,
    /// The commit that merged it, while its checks keep it from being verified.
    pub merged_commit: Option<CommitHash>,
    /// The checks that failed, by name.
    pub failed_checks: Vec<CheckName>,
}

impl Publication {
    /// A fix that was just published.
    #[must_use]
    pub const fn new(branch: Branch, base_branch: Option<Branch>, pull_request_url: Option<Url>) -> Self {
        Self { branch, base_branch, pull_request_url, merged_commit: None, failed_checks: Vec::new() }
    }
}

/// What is known about the repair of an issue. The default is that of an issue that nobody has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// How often it was claimed.
    pub epoch: Epoch,
    /// Who holds it.
    pub lease: Option<Lease>,
    /// Attempts that failed since it was last given a fresh start.
    pub failed: u32,
    /// Attempts in a row that were abandoned.
    pub abandoned: u32,
    /// It is not offered before this time.
    pub not_before: Option<Timestamp>,
    /// Whether it is not offered until a person asks for it.
    pub given_up: bool,
    /// Whether a patch, or an analysis, waits for a person.
    pub awaiting_approval: bool,
    /// When a person asked for it to be repaired next.
    pub requested_at: Option<Timestamp>,
    /// What a person tells the next attempt.
    pub hint: Option<Hint>,
    /// The attempt whose patch a person approved.
    pub approved_attempt: Option<AttemptId>,
    /// The fix on its way.
    pub publication: Option<Publication>,
}

impl Default for Repair {
    fn default() -> Self {
        Self {
            epoch: Epoch(0),
            lease: None,
            failed: 0,
            abandoned: 0,
            not_before: None,
            given_up: false,
            awaiting_approval: false,
            requested_at: None,
            hint: None,
            approved_attempt: None,
            publication: None,
        }
    }
}

impl Repair {
    /// The lease that a proof is for.
    ///
    /// # Errors
    /// [`LeaseRefused::Lost`] if it is for none that is still held.
    pub fn proven(&self, proof: LeaseProof, now: Timestamp) -> Result<&Lease, LeaseRefused> {
        let held = self.lease.as_ref().filter(|lease| lease.is_live(now) && lease.secret == proof.0);
        held.ok_or(LeaseRefused::Lost)
    }

    /// As [`proven`](Self::proven), for what a person who wants the work to stop does not want to happen any more.
    ///
    /// # Errors
    /// [`LeaseRefused`].
    pub fn may_go_on(&self, proof: LeaseProof, now: Timestamp) -> Result<&Lease, LeaseRefused> {
        let lease = self.proven(proof, now)?;
        if lease.cancel { Err(LeaseRefused::Stopped) } else { Ok(lease) }
    }

    /// Whether the issue may be offered to agents.
    #[must_use]
    pub fn is_offered(&self, now: Timestamp) -> bool {
        let is_free = self.lease.is_none() && self.publication.is_none();
        let is_wanted = !self.given_up && !self.awaiting_approval;
        is_free && is_wanted && self.not_before.is_none_or(|at| now >= at)
    }

    /// Whether a person can have an issue at this status repaired: agents take it, or one works on it.
    #[must_use]
    pub fn can_be_requested(&self, status: Status) -> bool {
        let is_taken = matches!(status, Status::New | Status::PendingFix | Status::FixFailed);
        is_taken || self.lease.is_some()
    }

    /// After the error came back: a new beginning.
    #[must_use]
    pub fn after_regression(self) -> Self {
        Self {
            failed: 0,
            abandoned: 0,
            not_before: None,
            given_up: false,
            awaiting_approval: false,
            approved_attempt: None,
            publication: None,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lease::lease;
    use super::*;
    use crate::domain::secret::SecretHash;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_proof_holds_for_the_live_lease_alone() {
        let (right, wrong) = (LeaseProof(SecretHash::of("lease")), LeaseProof(SecretHash::of("other")));
        let held = Repair { lease: Some(lease(10)), ..Repair::default() };
        assert!(held.proven(right, at(9)).is_ok());
        assert_eq!(held.proven(right, at(10)), Err(LeaseRefused::Lost));
        assert_eq!(held.proven(wrong, at(9)), Err(LeaseRefused::Lost));
        assert_eq!(Repair::default().proven(right, at(9)), Err(LeaseRefused::Lost));
        let stopped = Repair { lease: Some(Lease { cancel: true, ..lease(10) }), ..Repair::default() };
        assert!(stopped.proven(right, at(9)).is_ok());
        assert_eq!(stopped.may_go_on(right, at(9)), Err(LeaseRefused::Stopped));
        assert!(held.may_go_on(right, at(9)).is_ok());
    }

    #[test]
    fn an_issue_is_offered_unless_something_speaks_against_it() {
        let publication = Publication::new(Branch::cut("b"), None, None);
        let free = Repair { failed: 2, abandoned: 1, epoch: Epoch(3), ..Repair::default() };
        assert!(Repair::default().is_offered(at(9)) && free.is_offered(at(9)));
        assert!(Repair { not_before: Some(at(9)), ..free.clone() }.is_offered(at(9)));
        for withheld in [
            Repair { not_before: Some(at(10)), ..free.clone() },
            Repair { given_up: true, ..free.clone() },
            Repair { awaiting_approval: true, ..free.clone() },
            Repair { publication: Some(publication.clone()), ..free.clone() },
            Repair { lease: Some(lease(5)), ..free.clone() },
        ] {
            assert!(!withheld.is_offered(at(9)), "{withheld:?}");
        }
        for &status in Status::ALL {
            let is_taken = [Status::New, Status::PendingFix, Status::FixFailed].contains(&status);
            assert_eq!(Repair::default().can_be_requested(status), is_taken, "{status}");
            let held = Repair { lease: Some(lease(5)), ..free.clone() };
            assert!(held.can_be_requested(status));
        }
        let worn = Repair {
            given_up: true,
            awaiting_approval: true,
            not_before: Some(at(99)),
            publication: Some(publication),
            ..free
        };
        let fresh = worn.after_regression();
        assert!(fresh.is_offered(at(9)));
        assert_eq!((fresh.failed, fresh.abandoned, fresh.epoch), (0, 0, Epoch(3)));
    }
}
