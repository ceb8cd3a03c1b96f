//! `POST /api/v1/issues/{id}/release`

use super::under_lease;
use crate::api::extract::fields::Fields;
use crate::api::extract::path::IssuePath;
use crate::api::extract::visitor::Visitor;
use crate::api::problem::Problem;
use crate::api::view::Release;
use crate::service;
use crate::state::SharedState;
use axum::extract::State;
use axum::http::StatusCode;

/// Give an issue back.
///
/// VERIFYING becomes NEW, and FIXING becomes PENDING_FIX. After an analysis, or with a patch that passed, the issue waits
/// for a person; otherwise it is offered again after ten minutes.
#[utoipa::path(post, path = "/api/v1/issues/{id}/release", tag = "repair", request_body = Release,
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 204, description = "Given back"),
              (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn release(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    Visitor(caller): Visitor,
    fields: Fields,
) -> Result<StatusCode, Problem> {
    let (proof, note) = Release::read(fields)?;
    let actor = caller.actor(None);
    under_lease(id, service::repair::release(&state, id, proof, actor, note).await?)?;
    Ok(StatusCode::NO_CONTENT)
}
