//! `POST /api/v1/deployments`

use crate::access::Permission;
use crate::api::extract::fields::Fields;
use crate::api::problem::Problem;
use crate::api::view::Deployment;
use crate::service;
use crate::state::SharedState;
use axum::Json;
use axum::extract::{FromRequest, Request, State};
use serde::Serialize;
use utoipa::ToSchema;

/// Result of a deployment.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deployed {
    /// The issues that became DEPLOYED.
    deployed: Vec<i64>,
}

/// Record a deployment: VERIFIED issues become DEPLOYED.
///
/// It applies to issues that were seen in that environment and whose fix is part of the deployment. If no commit is
/// given, or none was recorded with the fix, all issues verified before now are included.
#[utoipa::path(post, path = "/api/v1/deployments", tag = "issues", request_body = Deployment,
    responses((status = 200, body = Deployed)))]
pub(crate) async fn create(
    State(state): State<SharedState>,
    request: Request,
) -> Result<Json<Deployed>, Problem> {
    let (parts, body) = request.into_parts();
    let caller = state.access.visitor(&parts, state.clock.now());
    state.access.may(&caller, Permission::DeployAtAll)?;
    let fields = Fields::from_request(Request::from_parts(parts, body), &state).await?;
    let deployment = Deployment::read(fields)?.by(caller.actor(None));
    state.access.may(&caller, Permission::Deploy(&deployment.project_id))?;
    if !caller.scope().holds(&deployment.project_id) {
        return Err(Problem::not_found(format_args!("project {}", deployment.project_id)));
    }
    let deployed = service::issues::deploy(&state, deployment).await?;
    Ok(Json(Deployed { deployed: deployed.into_iter().map(|id| id.0).collect() }))
}
