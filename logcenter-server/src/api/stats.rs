//! `GET /api/v1/stats`

use crate::api::extract::query::Query;
use crate::api::extract::visitor::Visitor;
use crate::api::problem::Problem;
use crate::api::view::Stats;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;

/// Totals by project, status and source; event counts by hour and day.
#[utoipa::path(get, path = "/api/v1/stats", tag = "issues", responses((status = 200, body = Stats)))]
pub(crate) async fn stats(
    State(state): State<SharedState>,
    Visitor(caller): Visitor,
    query: Query,
) -> Result<Json<Stats>, Problem> {
    query.finish()?;
    Ok(Json(state.store.stats(caller.scope(), state.clock.now()).await?.into()))
}
