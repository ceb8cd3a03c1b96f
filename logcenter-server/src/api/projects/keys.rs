//! `GET`, `POST` and `DELETE /api/v1/projects/{project_id}/keys`

use crate::api::extract::fields::MaybeFields;
use crate::api::extract::path::ProjectPath;
use crate::api::extract::query::Query;
use crate::api::problem::Problem;
use crate::api::view::{IngestKey, words};
use crate::domain::KeyId;
use crate::service;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use logcenter_core::KeyKind;
use serde::Serialize;
use utoipa::ToSchema;

/// A new ingest key.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewKey {
    #[serde(flatten)]
    about: IngestKey,
    /// The key. It is returned only once.
    #[schema(example = "lck_0123456789abcdef0123456789abcdef01234567")]
    key: String,
}

/// A key to create.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows its fields")]
pub(crate) struct NewKeyKind {
    /// Who has it; `server` if omitted.
    #[schema(value_type = Option<words::KeyKind>)]
    kind: Option<KeyKind>,
}

/// The keys of a project.
#[derive(Serialize, ToSchema)]
pub(crate) struct Keys {
    keys: Vec<IngestKey>,
}

/// How many keys were revoked.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deleted {
    deleted: usize,
}

/// Create an ingest key.
///
/// The key is returned only once; only its hash is stored. What comes with a key of kind `browser`, or from a page, is
/// not trusted.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/keys", tag = "projects", request_body = Option<NewKeyKind>,
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")),
    responses((status = 201, body = NewKey)))]
pub(crate) async fn create(
    State(state): State<SharedState>,
    ProjectPath(project_id): ProjectPath,
    MaybeFields(mut fields): MaybeFields,
) -> Result<(StatusCode, Json<NewKey>), Problem> {
    let kind = fields.parsed("kind").unwrap_or_default();
    fields.finish(Some(()))?;
    let made = service::keys::create(&state, project_id.clone(), kind).await?;
    let (about, key) = made.ok_or_else(|| Problem::not_found(format_args!("project {project_id}")))?;
    Ok((StatusCode::CREATED, Json(NewKey { about: about.into(), key })))
}

/// List the ingest keys of a project, without the keys themselves.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/keys", tag = "projects",
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project")),
    responses((status = 200, body = Keys)))]
pub(crate) async fn list(
    State(state): State<SharedState>,
    ProjectPath(project_id): ProjectPath,
) -> Result<Json<Keys>, Problem> {
    let keys = service::keys::list(&state, &project_id).await?;
    Ok(Json(Keys { keys: keys.into_iter().map(Into::into).collect() }))
}

/// Revoke one ingest key of a project, or all of them.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/keys", tag = "projects",
    params(("project_id" = String, Path, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "The project"),
           ("id" = Option<i64>, Query, description = "The key; all of the project's when left out")),
    responses((status = 200, body = Deleted)))]
pub(crate) async fn delete(
    State(state): State<SharedState>,
    ProjectPath(project_id): ProjectPath,
    mut query: Query,
) -> Result<Json<Deleted>, Problem> {
    let id = query.parsed::<KeyId>("id");
    query.finish()?;
    Ok(Json(Deleted { deleted: service::keys::delete(&state, project_id, id).await? }))
}
