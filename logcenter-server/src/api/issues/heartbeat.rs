//! `POST /api/v1/issues/{id}/heartbeat`

use super::under_lease;
use crate::api::extract::fields::Fields;
use crate::api::extract::path::IssuePath;
use crate::api::problem::Problem;
use crate::api::view::Heartbeat;
use crate::service;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use logcenter_core::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A renewed lease.
#[derive(Serialize, ToSchema)]
pub(crate) struct Renewed {
    /// When it runs out, unless it is renewed again.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether a person wants the work to stop.
    cancel: bool,
}

/// Renew a lease.
///
/// Returns 409 if it was lost: the agent stops, and publishes nothing.
#[utoipa::path(post, path = "/api/v1/issues/{id}/heartbeat", tag = "repair", request_body = Heartbeat,
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 200, body = Renewed), (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn heartbeat(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    fields: Fields,
) -> Result<Json<Renewed>, Problem> {
    let proof = Heartbeat::read(fields)?;
    let lease = under_lease(id, service::repair::heartbeat(&state, id, proof).await?)?;
    Ok(Json(Renewed { expires_at: lease.expires_at, cancel: lease.cancel }))
}
