//! `GET /api/v1/issues/{id}/events`

use crate::api::extract::path::IssuePath;
use crate::api::extract::query::Query;
use crate::api::problem::Problem;
use crate::api::view::Event;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of events.
#[derive(Serialize, ToSchema)]
pub(crate) struct Events {
    events: Vec<Event>,
    /// Cursor of the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// List the events of an issue.
///
/// Returns those that are kept (the newest and the first), newest first.
#[utoipa::path(get, path = "/api/v1/issues/{id}/events", tag = "issues",
    params(("id" = i64, Path, description = "The issue"),
           ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "1 to 200; default 50"),
           ("cursor" = Option<String>, Query, description = "The `next_cursor` of the previous page")),
    responses((status = 200, body = Events)))]
pub(crate) async fn events(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    mut query: Query,
) -> Result<Json<Events>, Problem> {
    let (limit, before) = (query.limit(), query.number("cursor"));
    query.finish()?;
    let page =
        state.store.events(id, before, limit).await?.ok_or_else(|| crate::api::issues::not_found(id))?;
    let next_cursor = page.items.last().filter(|_| page.more).map(|event| event.id.to_string());
    Ok(Json(Events { events: page.items.into_iter().map(Into::into).collect(), next_cursor }))
}
