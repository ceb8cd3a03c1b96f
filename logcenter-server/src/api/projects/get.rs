//! `GET /api/v1/projects/{project_id}`

use crate::api::extract::path::ProjectPath;
use crate::api::problem::Problem;
use crate::api::view::Project;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;

/// Get a project.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}", tag = "projects",
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")),
    responses((status = 200, body = Project)))]
pub(crate) async fn get(
    State(state): State<SharedState>,
    ProjectPath(project_id): ProjectPath,
) -> Result<Json<Project>, Problem> {
    match state.store.project(project_id.clone()).await? {
        Some(project) => Ok(Json(project.into())),
        None => Err(Problem::not_found(format_args!("project {project_id}"))),
    }
}
