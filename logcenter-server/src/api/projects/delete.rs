//! `DELETE /api/v1/projects/{project_id}`

use super::super::params::ProjectPath;
use super::super::problem::Problem;
use crate::center::Center;
use axum::extract::State;
use axum::http::StatusCode;

/// Remove a project with its issues, events and keys.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}", tag = "projects",
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")),
    responses((status = 204, description = "It is gone")))]
pub(in super::super) async fn delete(
    State(center): State<Center>,
    ProjectPath(project_id): ProjectPath,
) -> Result<StatusCode, Problem> {
    if !center.store.delete_project(project_id.clone()).await? {
        return Err(Problem::not_found(format_args!("project {project_id}")));
    }
    center.reload_keys().await?;
    Ok(StatusCode::NO_CONTENT)
}
