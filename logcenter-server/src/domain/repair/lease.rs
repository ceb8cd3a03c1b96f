//! Leases.

use crate::domain::ids::{Epoch, TokenId};
use crate::domain::secret::SecretHash;
use crate::domain::text::ActorName;
use logcenter_core::Timestamp;

/// An agent's hold on an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The agent's name.
    pub worker: ActorName,
    /// The secret that proves it.
    pub secret: SecretHash,
    /// The token that claimed it; `None` if it was claimed without one.
    pub token_id: Option<TokenId>,
    /// For how long it is renewed, in seconds.
    pub seconds: i64,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// Whether a person wants it to stop.
    pub cancel: bool,
}

/// What everybody may know of a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseSummary {
    /// The agent's name.
    pub worker: String,
    /// Which claim of the issue it is.
    pub epoch: Epoch,
    /// When it runs out.
    pub expires_at: Timestamp,
}

/// What an agent shows to prove its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseProof(pub SecretHash);

/// Why an agent may not do something under its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseRefused {
    /// It ran out, was taken back, or never was.
    Lost,
    /// A person wants the work to stop.
    Stopped,
}

impl Lease {
    /// Whether it is still held.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// The lease, renewed.
    #[must_use]
    pub fn renewed(self, now: Timestamp) -> Self {
        Self { expires_at: now.plus_millis(self.seconds * 1000), ..self }
    }
}

#[cfg(test)]
pub(super) fn lease(expires_at: i64) -> Lease {
    Lease {
        worker: ActorName::cut("repair-1"),
        secret: SecretHash::of("lease"),
        token_id: None,
        seconds: 120,
        expires_at: Timestamp::from_millis(expires_at),
        cancel: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_lasts_until_it_runs_out_and_is_renewed_for_as_long_again() {
        let now = Timestamp::from_millis(10);
        assert!(lease(11).is_live(now) && !lease(10).is_live(now));
        assert_eq!(lease(11).renewed(now).expires_at.millis(), 120_010);
    }
}
