//! `GET /api/v1/projects`

use crate::access::Permission;
use crate::api::extract::query::Query;
use crate::api::problem::Problem;
use crate::api::view::Project;
use crate::domain;
use crate::domain::text::Text;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use logcenter_core::ProjectId;
use serde::Serialize;
use utoipa::ToSchema;

/// All projects.
#[derive(Serialize, ToSchema)]
pub(crate) struct Projects {
    /// Ordered by `project_id`.
    projects: Vec<Listed>,
}

/// A project, as far as the caller may see it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Listed {
    /// For whoever may read: the whole project.
    Whole(Project),
    /// For everyone else: id and name.
    Names(Names),
}

/// What anyone may know about a project.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Names {
    /// The project's id.
    #[schema(value_type = String)]
    project_id: ProjectId,
    /// Display name.
    name: Option<String>,
}

/// List the projects.
///
/// Without a token, only `project_id` and `name` are returned.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects", responses((status = 200, body = Projects)))]
pub(crate) async fn list(
    State(state): State<SharedState>,
    parts: Parts,
    query: Query,
) -> Result<Json<Projects>, Problem> {
    let caller = state.access.identify(&parts, state.clock.now());
    state.access.may(&caller, Permission::ListProjects)?;
    query.finish()?;
    let listed = |project: domain::Project| {
        if caller.reads() {
            Listed::Whole(project.into())
        } else {
            Listed::Names(Names { project_id: project.project_id, name: project.name.map(Text::into_string) })
        }
    };
    let scope = caller.scope();
    let visible = |project: &domain::Project| scope.holds(&project.project_id);
    let projects = state.store.projects().await?.into_iter().filter(visible).map(listed).collect();
    Ok(Json(Projects { projects }))
}
