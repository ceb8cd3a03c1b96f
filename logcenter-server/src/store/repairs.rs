//! Repairing issues: leases and attempts.

use super::StoreFuture;
use crate::domain::repair::{
    Approval, ApprovalRefused, Artifact, Attempt, AttemptRefused, AttemptUpdate, ClaimRequest, Hook, Lease,
    LeaseProof, LeaseRefused, Repair,
};
use crate::domain::text::{Hint, Note};
use crate::domain::{Actor, AttemptId, Epoch, IssueDetail, IssueId, Page, Project, SecretHash};
use logcenter_core::{Status, Timestamp};

/// An issue that was claimed.
#[derive(Debug)]
pub struct Claim {
    /// The issue, as it is after the claim.
    pub issue: Box<IssueDetail>,
    /// Its project.
    pub project: Box<Project>,
    /// Which claim of the issue it is.
    pub epoch: Epoch,
    /// The lease.
    pub lease: Lease,
    /// An earlier attempt that may have pushed a branch.
    pub resume: Option<Attempt>,
    /// An earlier attempt whose patch a person approved.
    pub approved: Option<Attempt>,
    /// What a person tells this attempt.
    pub hint: Option<Hint>,
}

/// Result of an agent's request under its lease.
#[derive(Debug)]
pub enum UnderLease<T> {
    /// It was done.
    Done(T),
    /// There is no such issue.
    NotFound,
    /// The lease does not allow it.
    Refused(LeaseRefused),
    /// The attempt does not allow it.
    Attempt(AttemptRefused),
}

/// Result of a person's request to repair an issue now.
#[derive(Debug, PartialEq, Eq)]
pub enum RequestOutcome {
    /// It is first in the queue.
    Requested,
    /// There is no such issue.
    NotFound,
    /// At this status there is nothing to repair.
    Refused(Status),
}

/// Leases and attempts. What they change is decided by the rules in [`repair`](crate::domain::repair).
pub trait Repairs {
    /// Claims the next issue that a request asks for: first what a person asked for, then what was seen last.
    fn claim(&self, request: ClaimRequest, now: Timestamp) -> StoreFuture<'_, Option<Claim>>;

    /// Renews a lease and returns it.
    fn heartbeat(&self, id: IssueId, proof: LeaseProof, now: Timestamp)
    -> StoreFuture<'_, UnderLease<Lease>>;

    /// Gives an issue back.
    fn release(
        &self,
        id: IssueId,
        proof: LeaseProof,
        actor: Actor,
        note: Option<Note>,
        now: Timestamp,
    ) -> StoreFuture<'_, UnderLease<()>>;

    /// Creates the attempt of a lease, or adds to it.
    fn update_attempt(
        &self,
        id: IssueId,
        proof: LeaseProof,
        update: AttemptUpdate,
        now: Timestamp,
    ) -> StoreFuture<'_, UnderLease<AttemptId>>;

    /// What is known about the repair of an issue. `None` if there is no such issue.
    fn repair(&self, id: IssueId) -> StoreFuture<'_, Option<Repair>>;

    /// The attempts at an issue before `before`, newest first. `None` if there is no such issue.
    fn attempts(
        &self,
        id: IssueId,
        before: Option<AttemptId>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<Attempt>>>;

    /// An attempt with what it left behind.
    fn attempt(&self, id: AttemptId) -> StoreFuture<'_, Option<(Attempt, Vec<Artifact>)>>;

    /// Puts an issue first in the queue.
    fn request_repair(
        &self,
        id: IssueId,
        hint: Option<Hint>,
        now: Timestamp,
    ) -> StoreFuture<'_, RequestOutcome>;

    /// Asks the agent that works on an issue to stop; returns whether one does. `None` if there is no such issue.
    fn stop_repair(&self, id: IssueId, now: Timestamp) -> StoreFuture<'_, Option<bool>>;

    /// Approves a patch. `None` if there is no such issue.
    fn approve(
        &self,
        id: IssueId,
        approval: Approval,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<Result<(), ApprovalRefused>>>;

    /// Applies what a forge tells, unless it was told before; returns the issues that changed.
    fn hook(&self, hook: Hook, digest: SecretHash, now: Timestamp) -> StoreFuture<'_, Vec<IssueId>>;

    /// Takes back some of the issues whose lease ran out; returns how many.
    fn expire_leases(&self, now: Timestamp) -> StoreFuture<'_, usize>;
}
