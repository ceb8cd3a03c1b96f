//! `POST /api/v1/issues/{id}/repair`, `…/repair/stop` and `…/repair/approve`

use super::not_found;
use crate::api::extract::fields::{Fields, MaybeFields};
use crate::api::extract::path::IssuePath;
use crate::api::problem::Problem;
use crate::domain::AttemptId;
use crate::domain::repair::Approval;
use crate::domain::text::Hint;
use crate::service;
use crate::state::SharedState;
use crate::store::RequestOutcome;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa::ToSchema;

/// A request to repair an issue now.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows its fields")]
pub(crate) struct RepairRequest {
    /// What the next attempt is told.
    #[schema(inline)]
    hint: Option<Hint>,
}

/// A person's approval of a patch.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows its fields")]
pub(crate) struct PatchApproval {
    /// The attempt that made it.
    attempt_id: i64,
    /// The SHA-256 of the text of its diff, in hexadecimal.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9A-Fa-f]{64}$")]
    diff_sha256: String,
}

/// Repair an issue now.
///
/// Lifts whatever keeps the issue from being offered to agents, and puts it first in the queue.
#[utoipa::path(post, path = "/api/v1/issues/{id}/repair", tag = "repair", request_body = Option<RepairRequest>,
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 204, description = "It is first in the queue"),
              (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn request(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    MaybeFields(mut fields): MaybeFields,
) -> Result<StatusCode, Problem> {
    let hint = fields.text("hint");
    fields.finish(Some(()))?;
    match service::repair::request(&state, id, hint).await? {
        RequestOutcome::Requested => Ok(StatusCode::NO_CONTENT),
        RequestOutcome::NotFound => Err(not_found(id)),
        RequestOutcome::Refused(status) => Err(Problem::new(
            StatusCode::CONFLICT,
            format!("Issue {id} is {status}, so there is nothing to repair. Set it to NEW first."),
        )),
    }
}

/// Stop the repair of an issue.
///
/// The agent's next heartbeat tells it; then it gives the issue back.
#[utoipa::path(post, path = "/api/v1/issues/{id}/repair/stop", tag = "repair",
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 204, description = "The agent will be told"),
              (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn stop(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
) -> Result<StatusCode, Problem> {
    match service::repair::stop(&state, id).await?.ok_or_else(|| not_found(id))? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::new(StatusCode::CONFLICT, format!("No agent works on issue {id}."))),
    }
}

/// Approve a patch.
///
/// It is published as it was read, if it still passes. Returns 409 if the diff is another one, or was truncated.
#[utoipa::path(post, path = "/api/v1/issues/{id}/repair/approve", tag = "repair", request_body = PatchApproval,
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 204, description = "Approved"),
              (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn approve(
    State(state): State<SharedState>,
    IssuePath(id): IssuePath,
    mut fields: Fields,
) -> Result<StatusCode, Problem> {
    let attempt_id = fields.integer("attempt_id").map(AttemptId);
    fields.check("attempt_id", attempt_id.is_some(), "is required");
    let diff_sha256 = fields.required_string("diff_sha256");
    let is_digest = |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let valid = diff_sha256.as_ref().is_none_or(is_digest);
    fields.check("diff_sha256", valid, "must be a SHA-256 in hexadecimal");
    let (attempt_id, diff_sha256) = fields.finish(attempt_id.zip(diff_sha256))?;
    let approval = Approval { attempt_id, diff_sha256 };
    service::repair::approve(&state, id, approval).await?.ok_or_else(|| not_found(id))??;
    Ok(StatusCode::NO_CONTENT)
}
