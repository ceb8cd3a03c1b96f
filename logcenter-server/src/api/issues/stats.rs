//! `GET /api/v1/issues/{id}/stats`

use super::super::params::{IssueId, Query};
use super::super::problem::Problem;
use crate::center::Center;
use crate::domain::IssueStats;
use axum::Json;
use axum::extract::State;

/// Hours are given of so many milliseconds before now unless `since` says otherwise: 30 days.
const HOURS_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

/// How the errors of an issue spread over hours, days and environments.
#[utoipa::path(get, path = "/api/v1/issues/{id}/stats", tag = "issues",
    params(("id" = i64, Path, description = "The issue"),
           ("since" = Option<String>, Query, format = DateTime, description = "Hours from this time on; default: the last 30 days")),
    responses((status = 200, body = IssueStats)))]
pub(in super::super) async fn stats(
    State(center): State<Center>,
    IssueId(id): IssueId,
    mut query: Query,
) -> Result<Json<IssueStats>, Problem> {
    let since = query.time("since").unwrap_or_else(|| center.clock.now().minus_millis(HOURS_MILLIS));
    query.finish()?;
    center.store.issue_stats(id, since).await?.map(Json).ok_or_else(|| super::not_found(id))
}
