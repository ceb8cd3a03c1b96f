//! Webhooks of forges: what became of a fix.

pub(super) mod gitea;
pub(super) mod github;
mod payload;

use super::extract::body::{MAX_BODY_BYTES, read};
use super::problem::Problem;
use crate::domain::SecretHash;
use crate::domain::repair::Hook;
use crate::ingest::Pool;
use crate::service;
use crate::state::SharedState;
use axum::Json;
use axum::body::Body;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What a webhook led to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Taken {
    /// The issues that it was about.
    changed: Vec<i64>,
}

/// Takes a webhook with a valid signature; `understand` finds out what it tells.
async fn take(
    state: &SharedState,
    body: Body,
    signature: Option<&str>,
    understand: impl FnOnce(&Value) -> Option<Hook>,
) -> Result<Json<Taken>, Problem> {
    let unsigned = || {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "A webhook needs the signature of its body, made with the secret that the server was started with \
             (LOGCENTER_WEBHOOK_SECRET).",
        )
    };
    let secret = state.access.webhook_secret.as_ref().ok_or_else(unsigned)?;
    let signature = signature.ok_or_else(unsigned)?;
    let mut memory = state.intake.reservation(Pool::Single);
    let body = read(body, MAX_BODY_BYTES, &mut memory).await?;
    if !secret.signed(&body, signature) {
        return Err(unsigned());
    }
    let not_json = |error| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            format!("The body is not JSON: {error}. Set the webhook's content type to application/json."),
        )
    };
    let payload: Value = serde_json::from_slice(&body).map_err(not_json)?;
    let changed = match understand(&payload) {
        Some(hook) => service::repair::hook(state, hook, SecretHash::of_bytes(&body)).await?,
        None => Vec::new(),
    };
    Ok(Json(Taken { changed: changed.into_iter().map(|id| id.0).collect() }))
}
