//! `PUT /api/v1/projects/{project_id}`

use crate::access::Permission;
use crate::api::extract::fields::Fields;
use crate::api::extract::path;
use crate::api::problem::{FieldError, Problem};
use crate::api::view::{Project, ProjectMetadata};
use crate::domain::Editor;
use crate::service;
use crate::state::SharedState;
use crate::store::EditOutcome;
use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use logcenter_core::project_id::InvalidProjectId;

/// Create or edit a project.
///
/// Without admin access, callers can only set empty fields.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}", tag = "projects", request_body = ProjectMetadata,
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")),
    responses((status = 200, body = Project)))]
pub(crate) async fn put(
    State(state): State<SharedState>,
    request: Request,
) -> Result<Json<Project>, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = state.access.identify(&parts, state.clock.now());
    let project_id = path::project_id(&mut parts).await;
    if let Ok(project_id) = &project_id
        && !caller.scope().holds(project_id)
    {
        return Err(Problem::not_found(format_args!("project {project_id}")));
    }
    state.access.may(&caller, Permission::Register(project_id.as_ref().ok()))?;
    let project_id = project_id.map_err(|_| {
        Problem::invalid(vec![FieldError::parameter("project_id", InvalidProjectId.to_string())])
    })?;
    let fields = Fields::from_request(Request::from_parts(parts, body), &state).await?;
    let edit = ProjectMetadata::read(fields)?;
    let editor = if caller.manages(&project_id) { Editor::Administrator } else { Editor::Registrant };
    match service::projects::edit(&state, project_id, edit.into(), editor).await? {
        EditOutcome::Edited(project) => Ok(Json((*project).into())),
        EditOutcome::Stale(_) => Err(Problem::new(StatusCode::CONFLICT, "It was changed meanwhile.")),
        EditOutcome::WouldOverwrite(fields) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            format!(
                "Only an administrator may change what is set already: {}. Nothing was changed.",
                fields.join(", ")
            ),
        )),
    }
}

/// Preflight: any origin may register a project.
#[utoipa::path(options, path = "/api/v1/projects/{project_id}", tag = "projects",
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")),
    responses((status = 200)))]
pub(crate) async fn preflight() {}
