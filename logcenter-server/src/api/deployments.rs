//! `POST /api/v1/deployments`

use super::body::Fields;
use super::problem::Problem;
use crate::center::Center;
use crate::domain::{Actor, Deployment};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// Commits that one deployment may name.
const MAX_COMMITS: usize = 10_000;

/// A deployment.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body for the document; the handler reads it field by field")]
pub(super) struct DeploymentBody {
    /// The project that was deployed.
    #[schema(max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    project_id: String,
    /// Where to.
    #[schema(min_length = 1, max_length = 128)]
    environment: String,
    /// The commit that was deployed.
    commit_hash: Option<String>,
    /// The commits that it brought.
    commits: Option<Vec<String>>,
    /// Its version.
    version: Option<String>,
}

/// What a deployment did.
#[derive(Serialize, ToSchema)]
pub(super) struct Deployed {
    /// The issues that became DEPLOYED.
    deployed: Vec<i64>,
}

/// Report a deployment: the VERIFIED issues seen in that environment whose fix it brought become DEPLOYED. Where no commit
/// was given, or none recorded with the fix, those are meant that were verified before now.
#[utoipa::path(post, path = "/api/v1/deployments", tag = "issues", request_body = DeploymentBody,
    responses((status = 200, body = Deployed)))]
pub(super) async fn deploy(
    State(center): State<Center>,
    mut fields: Fields,
) -> Result<Json<Deployed>, Problem> {
    let project_id = fields.required("project_id");
    let environment = fields.required_text("environment", 128);
    let commit_hash = fields.text("commit_hash", 200);
    let commits = fields.texts("commits", MAX_COMMITS);
    let version = fields.text("version", 2000);
    let (project_id, environment) = fields.finish(project_id.zip(environment))?;
    let commits = commit_hash.into_iter().chain(commits).collect();
    let deployment =
        Deployment { project_id, environment, commits, version, actor: Actor::person(None).name };
    let deployed = center.deploy(deployment).await?;
    Ok(Json(Deployed { deployed }))
}
