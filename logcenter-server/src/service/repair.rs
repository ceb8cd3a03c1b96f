//! Repairing issues: claims, leases, attempts, and what people order.

use crate::access::random::{LEASE_PREFIX, new_secret};
use crate::domain::repair::{
    Approval, ApprovalRefused, AttemptUpdate, ClaimRequest, Hook, Lease, LeaseProof,
};
use crate::domain::text::{Hint, Note};
use crate::domain::{Actor, AttemptId, IssueId, SecretHash};
use crate::state::State;
use crate::store::{Claim, RequestOutcome, StoreError, UnderLease};

/// Claims the next issue; returns it with the token of its lease.
pub(crate) async fn claim(
    state: &State,
    request: impl FnOnce(SecretHash) -> ClaimRequest,
) -> Result<Option<(Claim, String)>, StoreError> {
    let token = new_secret(LEASE_PREFIX).map_err(|error| StoreError::Failed(error.to_string()))?;
    let claimed = state.store.claim(request(SecretHash::of(&token)), state.clock.now()).await?;
    state.feed.wake();
    Ok(claimed.map(|claim| (claim, token)))
}

/// Renews a lease.
pub(crate) async fn heartbeat(
    state: &State,
    id: IssueId,
    proof: LeaseProof,
) -> Result<UnderLease<Lease>, StoreError> {
    state.store.heartbeat(id, proof, state.clock.now()).await
}

/// Gives an issue back.
pub(crate) async fn release(
    state: &State,
    id: IssueId,
    proof: LeaseProof,
    actor: Actor,
    note: Option<Note>,
) -> Result<UnderLease<()>, StoreError> {
    let released = state.store.release(id, proof, actor, note, state.clock.now()).await?;
    state.feed.wake();
    Ok(released)
}

/// Creates the attempt of a lease, or adds to it.
pub(crate) async fn update_attempt(
    state: &State,
    id: IssueId,
    proof: LeaseProof,
    update: AttemptUpdate,
) -> Result<UnderLease<AttemptId>, StoreError> {
    state.store.update_attempt(id, proof, update, state.clock.now()).await
}

/// Puts an issue first in the queue.
pub(crate) async fn request(
    state: &State,
    id: IssueId,
    hint: Option<Hint>,
) -> Result<RequestOutcome, StoreError> {
    let outcome = state.store.request_repair(id, hint, state.clock.now()).await?;
    state.feed.wake();
    Ok(outcome)
}

/// Asks the agent that works on an issue to stop.
pub(crate) async fn stop(state: &State, id: IssueId) -> Result<Option<bool>, StoreError> {
    let stopped = state.store.stop_repair(id, state.clock.now()).await?;
    state.feed.wake();
    Ok(stopped)
}

/// Approves a patch.
pub(crate) async fn approve(
    state: &State,
    id: IssueId,
    approval: Approval,
) -> Result<Option<Result<(), ApprovalRefused>>, StoreError> {
    let approved = state.store.approve(id, approval, state.clock.now()).await?;
    state.feed.wake();
    Ok(approved)
}

/// Takes back the issues whose lease ran out.
pub(crate) async fn expire_leases(state: &State) -> Result<(), StoreError> {
    while state.store.expire_leases(state.clock.now()).await? > 0 {
        state.feed.wake();
    }
    Ok(())
}

/// Applies what a forge tells; returns the issues that changed.
pub(crate) async fn hook(state: &State, hook: Hook, digest: SecretHash) -> Result<Vec<IssueId>, StoreError> {
    let changed = state.store.hook(hook, digest, state.clock.now()).await?;
    state.feed.wake();
    Ok(changed)
}
