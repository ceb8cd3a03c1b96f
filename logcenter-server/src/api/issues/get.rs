//! `GET /api/v1/issues/{id}`

use crate::api::extract::path::IssuePath;
use crate::api::problem::Problem;
use crate::api::view::Issue;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;

/// Get an issue, with the stack trace and context of its latest event.
#[utoipa::path(get, path = "/api/v1/issues/{id}", tag = "issues",
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 200, body = Issue)))]
pub(crate) async fn get(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
) -> Result<Json<Issue>, Problem> {
    state
        .store
        .issue(id)
        .await?
        .map(|issue| Json(issue.into()))
        .ok_or_else(|| crate::api::issues::not_found(id))
}
