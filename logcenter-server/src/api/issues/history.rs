//! `GET /api/v1/issues/{id}/history`

use crate::api::extract::path::IssuePath;
use crate::api::extract::query::Query;
use crate::api::problem::Problem;
use crate::api::view::HistoryEntry;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of status changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct History {
    history: Vec<HistoryEntry>,
    /// Cursor of the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// List the status changes of an issue, newest first.
#[utoipa::path(get, path = "/api/v1/issues/{id}/history", tag = "issues",
    params(("id" = i64, Path, description = "The issue"),
           ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "1 to 200; default 50"),
           ("cursor" = Option<String>, Query, description = "The `next_cursor` of the previous page")),
    responses((status = 200, body = History)))]
pub(crate) async fn history(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    mut query: Query,
) -> Result<Json<History>, Problem> {
    let (limit, before) = (query.limit(), query.number("cursor"));
    query.finish()?;
    let page =
        state.store.history(id, before, limit).await?.ok_or_else(|| crate::api::issues::not_found(id))?;
    let next_cursor = page.items.last().filter(|_| page.more).map(|(number, _)| number.to_string());
    Ok(Json(History {
        history: page.items.into_iter().map(|(_, entry)| entry.into()).collect(),
        next_cursor,
    }))
}
