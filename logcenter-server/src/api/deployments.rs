//! `POST /api/v1/deployments`

use super::extract::fields::Fields;
use super::extract::visitor::Visitor;
use super::problem::Problem;
use super::view::Deployment;
use crate::service;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// Result of a deployment.
#[derive(Serialize, ToSchema)]
pub(super) struct Deployed {
    /// The issues that became DEPLOYED.
    deployed: Vec<i64>,
}

/// Record a deployment: VERIFIED issues become DEPLOYED.
///
/// It applies to issues that were seen in that environment and whose fix is part of the deployment. If no commit is
/// given, or none was recorded with the fix, all issues verified before now are included.
#[utoipa::path(post, path = "/api/v1/deployments", tag = "issues", request_body = Deployment,
    responses((status = 200, body = Deployed)))]
pub(super) async fn deploy(
    State(state): State<SharedState>,
    Visitor(caller): Visitor,
    fields: Fields,
) -> Result<Json<Deployed>, Problem> {
    let deployment = Deployment::read(fields)?.by(caller.actor(None));
    if !caller.scope().holds(&deployment.project_id) {
        return Err(Problem::not_found(format_args!("project {}", deployment.project_id)));
    }
    let deployed = service::issues::deploy(&state, deployment).await?;
    Ok(Json(Deployed { deployed: deployed.into_iter().map(|id| id.0).collect() }))
}
