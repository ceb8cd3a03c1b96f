//! `GET /api/v1/attempts/{id}`

use super::extract::path::AttemptPath;
use super::extract::visitor::Visitor;
use super::problem::Problem;
use super::view::Attempt;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;

/// Get an attempt with what it left behind.
#[utoipa::path(get, path = "/api/v1/attempts/{id}", tag = "repair",
    params(("id" = i64, Path, description = "The attempt")),
    responses((status = 200, body = Attempt)))]
pub(super) async fn get(
    State(state): State<SharedState>,
    AttemptPath(id): AttemptPath,
    Visitor(caller): Visitor,
) -> Result<Json<Attempt>, Problem> {
    let not_found = || Problem::not_found(format_args!("attempt {id}"));
    let found = state.store.attempt(id).await?.ok_or_else(not_found)?;
    let project_id = state.store.project_of(found.0.issue_id).await?;
    if !project_id.is_some_and(|project_id| caller.scope().holds(&project_id)) {
        return Err(not_found());
    }
    Ok(Json(found.into()))
}
