//! `DELETE /api/v1/projects/{project_id}`

use crate::api::extract::path::ProjectPath;
use crate::api::problem::Problem;
use crate::service;
use crate::state::SharedState;
use axum::extract::State;
use axum::http::StatusCode;

/// Delete a project with its issues, events and keys.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}", tag = "projects",
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn delete(
    State(state): State<SharedState>,
    ProjectPath(project_id): ProjectPath,
) -> Result<StatusCode, Problem> {
    if !service::projects::delete(&state, project_id.clone()).await? {
        return Err(Problem::not_found(format_args!("project {project_id}")));
    }
    Ok(StatusCode::NO_CONTENT)
}
