//! `POST /api/v1/issues/claim`

use crate::api::extract::fields::Fields;
use crate::api::extract::visitor::Visitor;
use crate::api::problem::Problem;
use crate::api::view::{Claim, NewClaim};
use crate::service;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Claim the next issue to work on.
///
/// It moves on at once: from NEW to VERIFYING, from PENDING_FIX to FIXING, from FIX_FAILED through PENDING_FIX to FIXING.
/// Issues that a person asked for come first, then those seen last. Not offered are issues that wait (for their back-off
/// or for approval), that were given up, or whose fix is on its way; with 204 there is nothing to do.
#[utoipa::path(post, path = "/api/v1/issues/claim", tag = "repair", request_body = NewClaim,
    responses((status = 200, body = Claim), (status = 204, description = "There is nothing to work on")))]
pub(crate) async fn claim(
    State(state): State<SharedState>,
    Visitor(caller): Visitor,
    fields: Fields,
) -> Result<Response, Problem> {
    let wanted = NewClaim::read(fields)?;
    Ok(match service::repair::claim(&state, |secret| wanted.by(&caller, secret)).await? {
        Some((claimed, token)) => Json(Claim::of(claimed, token)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}
