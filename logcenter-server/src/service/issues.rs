//! Changes to issues.

use crate::domain::repair::LeaseProof;
use crate::domain::{Change, Deployment, IssueId};
use crate::state::State;
use crate::store::{ChangeOutcome, StoreError};

/// Changes an issue's status, under a lease if there is a proof of one.
pub(crate) async fn change_status(
    state: &State,
    id: IssueId,
    change: Change,
    proof: Option<LeaseProof>,
) -> Result<ChangeOutcome, StoreError> {
    let outcome = state.store.change_status(id, change, proof, state.clock.now()).await?;
    state.feed.wake();
    Ok(outcome)
}

/// Records a deployment; returns the issues that became deployed.
pub(crate) async fn deploy(state: &State, deployment: Deployment) -> Result<Vec<IssueId>, StoreError> {
    let deployed = state.store.deploy(deployment, state.clock.now()).await?;
    state.feed.wake();
    Ok(deployed)
}

/// Deletes an issue; returns whether it existed.
pub(crate) async fn delete(state: &State, id: IssueId) -> Result<bool, StoreError> {
    let existed = state.store.delete_issue(id, state.clock.now()).await?;
    state.feed.wake();
    Ok(existed)
}
