//! Issues: reading them, changing their status, and repairing them.

pub(crate) mod attempts;
pub(crate) mod claim;
pub(crate) mod delete;
pub(crate) mod events;
pub(crate) mod get;
pub(crate) mod heartbeat;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod patch;
pub(crate) mod release;
pub(crate) mod repair;
pub(crate) mod stats;

use super::problem::Problem;
use crate::domain::IssueId;
use crate::store::UnderLease;

fn not_found(id: IssueId) -> Problem {
    Problem::not_found(format_args!("issue {id}"))
}

/// What an agent's request under its lease led to.
fn under_lease<T>(id: IssueId, outcome: UnderLease<T>) -> Result<T, Problem> {
    match outcome {
        UnderLease::Done(value) => Ok(value),
        UnderLease::NotFound => Err(not_found(id)),
        UnderLease::Refused(refused) => Err(refused.into()),
        UnderLease::Attempt(refused) => Err(refused.into()),
    }
}
