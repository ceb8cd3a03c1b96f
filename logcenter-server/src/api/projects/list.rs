//! `GET /api/v1/projects`

use super::super::params::Query;
use super::super::problem::Problem;
use crate::access::Caller;
use crate::center::Center;
use crate::domain::Project;
use axum::Json;
use axum::extract::State;
use logcenter_core::ProjectId;
use serde::Serialize;
use utoipa::ToSchema;

/// Every project.
#[derive(Serialize, ToSchema)]
pub(in super::super) struct Projects {
    /// Ordered by `project_id`.
    projects: Vec<Listed>,
}

/// A project as its caller may see it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Listed {
    /// To an administrator: all of it.
    Whole(Project),
    /// To anyone else: its names.
    Names(Names),
}

/// What anyone may know of a project.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Names {
    /// Its id.
    #[schema(value_type = String)]
    project_id: ProjectId,
    /// What it is called.
    name: Option<String>,
}

/// List the projects. Who is no administrator sees only `project_id` and `name`.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects", responses((status = 200, body = Projects)))]
pub(in super::super) async fn list(
    State(center): State<Center>,
    caller: Caller,
    query: Query,
) -> Result<Json<Projects>, Problem> {
    center.access.register(&caller, None)?;
    query.finish()?;
    let listed = |project: Project| {
        if caller.administrator {
            Listed::Whole(project)
        } else {
            Listed::Names(Names { project_id: project.project_id, name: project.name })
        }
    };
    let projects = center.store.projects().await?.into_iter().map(listed).collect();
    Ok(Json(Projects { projects }))
}
