//! `GET /api/v1/projects/{project_id}`

use super::super::params::ProjectPath;
use super::super::problem::Problem;
use crate::center::Center;
use crate::domain::Project;
use axum::Json;
use axum::extract::State;

/// One project.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}", tag = "projects",
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")),
    responses((status = 200, body = Project)))]
pub(in super::super) async fn get(
    State(center): State<Center>,
    ProjectPath(project_id): ProjectPath,
) -> Result<Json<Project>, Problem> {
    match center.store.project(project_id.clone()).await? {
        Some(project) => Ok(Json(project)),
        None => Err(Problem::not_found(format_args!("project {project_id}"))),
    }
}
