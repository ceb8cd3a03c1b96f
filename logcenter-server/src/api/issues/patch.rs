//! `PATCH /api/v1/issues/{id}`

use super::not_found;
use crate::api::extract::fields::Fields;
use crate::api::extract::path::IssuePath;
use crate::api::extract::visitor::Visitor;
use crate::api::problem::Problem;
use crate::api::view::{Change, Issue};
use crate::service;
use crate::state::SharedState;
use crate::store::ChangeOutcome;
use axum::Json;
use axum::extract::State;

/// Change an issue's status.
///
/// An agent changes the status under its lease, which `lease_token` proves; whoever proves it is this lease's agent. A
/// change by a person takes a leased issue back from its agent.
///
/// Returns 409 with `allowed` if the transition is not permitted, or with the current `issue` if the expected status or
/// revision does not match.
#[utoipa::path(patch, path = "/api/v1/issues/{id}", tag = "issues", request_body = Change,
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 200, body = Issue), (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn patch(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    Visitor(caller): Visitor,
    fields: Fields,
) -> Result<Json<Issue>, Problem> {
    let change = Change::read(fields)?;
    let to = change.status;
    let proof = change.proof();
    match service::issues::change_status(&state, id, change.by(&caller), proof).await? {
        ChangeOutcome::Changed(issue) => Ok(Json((*issue).into())),
        ChangeOutcome::NotFound => Err(not_found(id)),
        ChangeOutcome::Lease(refused) => Err(refused.into()),
        ChangeOutcome::LeaseNeeded => Err(Problem::lease_needed()),
        ChangeOutcome::Stale(issue) => Err(Problem::stale(*issue)),
        ChangeOutcome::Refused { issue, allowed } => Err(Problem::refused_transition(*issue, to, allowed)),
    }
}
