//! `PUT /api/v1/projects/{project_id}`

use super::super::body::{Fields, Given};
use super::super::cors::Cors;
use super::super::params::ProjectPath;
use super::super::problem::{FieldError, Problem};
use crate::access::Caller;
use crate::center::{Center, Inner};
use crate::domain::{Edit, Project, ProjectEdit};
use crate::schema;
use crate::store::{Edited, Editor};
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use logcenter_core::project_id::InvalidProjectId;
use utoipa::ToSchema;

/// A project's metadata. A field left out stays as it is, `null` empties it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body for the document; the handler reads it field by field")]
pub(in super::super) struct ProjectBody {
    /// What it is called.
    name: Option<String>,
    /// Its git repository.
    repo_url: Option<String>,
    /// Where it lies on the repair agent's machine.
    local_path: Option<String>,
    /// What it is.
    description: Option<String>,
    /// Which events reopen a fixed issue.
    #[schema(value_type = Option<schema::RegressionRule>)]
    regression_rule: Option<String>,
}

/// Create or edit a project. Who is no administrator may fill fields that are empty and repeat what they hold.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}", tag = "projects", request_body = ProjectBody,
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")),
    responses((status = 200, body = Project)))]
pub(in super::super) async fn put(State(center): State<Center>, request: Request) -> Response {
    let headers = request.headers().clone();
    Cors::REGISTER.answer(&headers, edit(&center, request).await)
}

/// Preflight: any origin may register a project.
#[utoipa::path(options, path = "/api/v1/projects/{project_id}", tag = "projects",
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")), responses((status = 204)))]
pub(in super::super) async fn preflight(headers: HeaderMap) -> Response {
    Cors::REGISTER.preflight(&headers)
}

async fn edit(center: &Inner, request: Request) -> Result<Json<Project>, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller: Caller = center.access.identify(&parts);
    let path = ProjectPath::from_request_parts(&mut parts, &()).await;
    let project_id = path.as_ref().ok().map(|ProjectPath(project_id)| project_id);
    center.access.register(&caller, project_id)?;
    let ProjectPath(project_id) = path.map_err(|_| {
        Problem::invalid(vec![FieldError::parameter("project_id", InvalidProjectId.to_string())])
    })?;
    let mut fields = Fields::from_request(Request::from_parts(parts, body), &()).await?;
    let mut edit = |name, most| match fields.given(name, most) {
        Given::Absent => Edit::Keep,
        Given::Null => Edit::Clear,
        Given::Text(text) => Edit::Set(text),
    };
    let texts =
        (edit("name", 200), edit("repo_url", 2000), edit("local_path", 2000), edit("description", 20_000));
    let regression_rule = fields.parsed("regression_rule");
    let (name, repo_url, local_path, description) = fields.finish(Some(texts))?;
    let edit =
        ProjectEdit { name, repo_url, local_path, description, regression_rule, expected_updated_at: None };
    let editor = if caller.administrator { Editor::Administrator } else { Editor::Registrant };
    match center.store.edit_project(project_id, edit, editor, center.clock.now()).await? {
        Edited::Done(project) => Ok(Json(*project)),
        Edited::Stale(_) => Err(Problem::new(StatusCode::CONFLICT, "It was changed meanwhile.")),
        Edited::Refused(fields) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            format!(
                "Only an administrator may change what is set already: {}. Nothing was changed.",
                fields.join(", ")
            ),
        )),
    }
}
