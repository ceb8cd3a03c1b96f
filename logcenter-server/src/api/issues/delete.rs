//! `DELETE /api/v1/issues/{id}`

use super::super::params::IssueId;
use super::super::problem::Problem;
use crate::center::Center;
use axum::extract::State;
use axum::http::StatusCode;

/// Remove an issue with its events and history. Its id is not used again.
#[utoipa::path(delete, path = "/api/v1/issues/{id}", tag = "issues",
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 204, description = "It is gone")))]
pub(in super::super) async fn delete(
    State(center): State<Center>,
    IssueId(id): IssueId,
) -> Result<StatusCode, Problem> {
    if center.store.delete_issue(id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(super::not_found(id)) }
}
