//! `GET` and `POST /api/v1/issues/{id}/attempts`

use super::{not_found, under_lease};
use crate::api::extract::fields::Fields;
use crate::api::extract::path::IssuePath;
use crate::api::extract::query::Query;
use crate::api::problem::Problem;
use crate::api::view::{Attempt, AttemptUpdate};
use crate::service;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of attempts, without what they left behind.
#[derive(Serialize, ToSchema)]
pub(crate) struct Attempts {
    attempts: Vec<Attempt>,
    /// Cursor of the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// The attempt that was reported.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reported {
    /// Its id.
    id: i64,
}

/// List the attempts at an issue, newest first.
#[utoipa::path(get, path = "/api/v1/issues/{id}/attempts", tag = "repair",
    params(("id" = i64, Path, description = "The issue"),
           ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "1 to 200; default 50"),
           ("cursor" = Option<String>, Query, description = "The `next_cursor` of the previous page")),
    responses((status = 200, body = Attempts)))]
pub(crate) async fn list(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    mut query: Query,
) -> Result<Json<Attempts>, Problem> {
    let (limit, before) = (query.limit(), query.number("cursor"));
    query.finish()?;
    let page = state.store.attempts(id, before, limit).await?.ok_or_else(|| not_found(id))?;
    let next_cursor = page.items.last().filter(|_| page.more).map(|attempt| attempt.id.to_string());
    Ok(Json(Attempts { attempts: page.items.into_iter().map(Into::into).collect(), next_cursor }))
}

/// Report what an attempt does.
///
/// The first report under a lease creates its attempt, later ones add to it. Returns 409 without the lease, and for an
/// attempt that has ended.
#[utoipa::path(post, path = "/api/v1/issues/{id}/attempts", tag = "repair", request_body = AttemptUpdate,
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 200, body = Reported), (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn report(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    fields: Fields,
) -> Result<Json<Reported>, Problem> {
    let (proof, update) = AttemptUpdate::read(fields)?;
    let attempt = under_lease(id, service::repair::update_attempt(&state, id, proof, update).await?)?;
    Ok(Json(Reported { id: attempt.0 }))
}
