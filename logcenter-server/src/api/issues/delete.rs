//! `DELETE /api/v1/issues/{id}`

use crate::api::extract::path::IssuePath;
use crate::api::problem::Problem;
use crate::service;
use crate::state::SharedState;
use axum::extract::State;
use axum::http::StatusCode;

/// Delete an issue with its events and history.
///
/// Its id is never reused.
#[utoipa::path(delete, path = "/api/v1/issues/{id}", tag = "issues",
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn delete(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
) -> Result<StatusCode, Problem> {
    if service::issues::delete(&state, id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(crate::api::issues::not_found(id))
    }
}
