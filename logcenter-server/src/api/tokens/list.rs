//! `GET /api/v1/tokens`

use crate::api::extract::query::Query;
use crate::api::problem::Problem;
use crate::api::view::Token;
use crate::domain::{Page, TokenId};
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    tokens: Vec<Token>,
    /// Cursor of the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// List the tokens, newest first, without the tokens themselves.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "1 to 200; default 50"),
           ("cursor" = Option<String>, Query, description = "The `next_cursor` of the previous page")),
    responses((status = 200, body = Tokens)))]
pub(crate) async fn list(
    State(state): State<SharedState>,
    mut query: Query,
) -> Result<Json<Tokens>, Problem> {
    let (limit, before) = (query.limit(), query.number::<TokenId>("cursor"));
    query.finish()?;
    let all = state.store.tokens().await?.all.into_iter().rev().map(|(_, token)| token);
    let older = all.filter(|token| before.is_none_or(|before| token.id < before));
    let page = Page::of(older.take(limit as usize + 1).collect(), limit);
    let next_cursor = page.items.last().filter(|_| page.more).map(|token| token.id.to_string());
    Ok(Json(Tokens { tokens: page.items.into_iter().map(Into::into).collect(), next_cursor }))
}
