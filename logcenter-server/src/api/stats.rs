//! `GET /api/v1/stats`

use super::params::Query;
use super::problem::Problem;
use crate::center::Center;
use crate::domain::Stats;
use axum::Json;
use axum::extract::State;

/// Totals by project, status and source; errors per hour and day.
#[utoipa::path(get, path = "/api/v1/stats", tag = "issues", responses((status = 200, body = Stats)))]
pub(super) async fn stats(State(center): State<Center>, query: Query) -> Result<Json<Stats>, Problem> {
    query.finish()?;
    Ok(Json(center.store.stats(center.clock.now()).await?))
}
