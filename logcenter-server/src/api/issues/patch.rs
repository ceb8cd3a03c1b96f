//! `PATCH /api/v1/issues/{id}`

use super::super::body::Fields;
use super::super::params::IssueId;
use super::super::problem::Problem;
use crate::center::Center;
use crate::domain::{Actor, Change, Changed, Issue};
use crate::schema;
use axum::Json;
use axum::extract::State;
use logcenter_core::Status;
use utoipa::ToSchema;

/// A status change.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body for the document; the handler reads it field by field")]
pub(in super::super) struct ChangeBody {
    /// Where the issue is to go.
    #[schema(value_type = schema::Status)]
    status: String,
    /// Refuse (409) unless it stands here.
    #[schema(value_type = Option<schema::Status>)]
    expected_status: Option<String>,
    /// Refuse (409) unless it has this revision.
    expected_revision: Option<i64>,
    /// Why. Required with `force`.
    note: Option<String>,
    /// Who, for the history.
    actor: Option<String>,
    /// Pass over the table of transitions.
    force: Option<bool>,
    /// The commit that goes with it.
    commit_hash: Option<String>,
    /// The pull request that goes with it.
    pull_request_url: Option<String>,
}

/// Change an issue's status. A change that the table of transitions does not have gets 409 with those that are `allowed`;
/// one that is stale gets 409 with the `issue` as it is now.
#[utoipa::path(patch, path = "/api/v1/issues/{id}", tag = "issues", request_body = ChangeBody,
    params(("id" = i64, Path, description = "The issue")),
    responses((status = 200, body = Issue), (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(in super::super) async fn patch(
    State(center): State<Center>,
    IssueId(id): IssueId,
    mut fields: Fields,
) -> Result<Json<Issue>, Problem> {
    let status: Option<Status> = fields.required("status");
    let (note, force) = (fields.text("note", 20_000), fields.boolean("force"));
    let actor = Actor::person(fields.text("actor", 200));
    let expected_status = fields.parsed("expected_status");
    let expected_revision = fields.integer("expected_revision");
    let commit_hash = fields.text("commit_hash", 200);
    let pull_request_url = fields.text("pull_request_url", 2000);
    fields.check("note", !force || note.is_some(), "is required with force: say why");
    let to = fields.finish(status)?;
    let change =
        Change { to, actor, expected_status, expected_revision, note, force, commit_hash, pull_request_url };
    match center.change_status(id, change).await? {
        Changed::Done(issue) => Ok(Json(*issue)),
        Changed::NotFound => Err(super::not_found(id)),
        Changed::Stale(issue) => Err(Problem::stale(issue)),
        Changed::Refused { issue, allowed } => Err(Problem::refused_transition(issue, to, allowed)),
    }
}
