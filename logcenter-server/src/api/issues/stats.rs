//! `GET /api/v1/issues/{id}/stats`

use crate::api::extract::path::IssuePath;
use crate::api::extract::query::Query;
use crate::api::problem::Problem;
use crate::api::view::IssueStats;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;

/// Event counts of an issue by hour, day and environment.
#[utoipa::path(get, path = "/api/v1/issues/{id}/stats", tag = "issues",
    params(("id" = i64, Path, description = "The issue"),
           ("since" = Option<String>, Query, format = DateTime, description = "Hours from this time on; default: as long as errors are counted by the hour, 14 days unless the server says otherwise")),
    responses((status = 200, body = IssueStats)))]
pub(crate) async fn stats(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    mut query: Query,
) -> Result<Json<IssueStats>, Problem> {
    let since = query.time("since").unwrap_or_else(|| state.retention.hours_until(state.clock.now()));
    query.finish()?;
    state
        .store
        .issue_stats(id, since)
        .await?
        .map(|stats| Json(stats.into()))
        .ok_or_else(|| crate::api::issues::not_found(id))
}
