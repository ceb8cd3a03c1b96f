//! `GET /api/v1/issues/{id}`

use super::super::params::IssueId;
use super::super::problem::Problem;
use crate::center::Center;
use crate::domain::Issue;
use axum::Json;
use axum::extract::State;

/// One issue, with the stack and context of its latest event.
#[utoipa::path(get, path = "/api/v1/issues/{id}", tag = "issues",
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 200, body = Issue)))]
pub(in super::super) async fn get(
    State(center): State<Center>,
    IssueId(id): IssueId,
) -> Result<Json<Issue>, Problem> {
    center.store.issue(id).await?.map(Json).ok_or_else(|| super::not_found(id))
}
