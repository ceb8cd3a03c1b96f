//! Repairing issues: who works on which, for how long, and what follows from how it ends.
//!
//! An agent claims an issue and gets a lease, which it renews and under which it reports its attempt. Every claim has a
//! number, its epoch, so that whoever lost a lease can change nothing any more.

mod attempt;
mod change;
mod claim;
mod ending;
mod hook;
mod lease;
mod order;
mod state;

pub use attempt::{Artifact, Attempt, AttemptUpdate, Cost, Refused as AttemptRefused, resumable, update};
pub use change::{Work, WorkRefused, Worked, change, expire, release, revoke};
pub use claim::{Candidate, ClaimRequest, Claimed, claim};
pub use ending::{Ended, Ending, end};
pub use hook::{Hook, PullRequest, hook};
pub use lease::{Lease, LeaseProof, LeaseRefused, LeaseSummary};
pub use order::{Approval, ApprovalRefused, digest};
pub use state::{Publication, Repair};
