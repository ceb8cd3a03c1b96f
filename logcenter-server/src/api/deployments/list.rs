//! `GET /api/v1/deployments`

use crate::api::extract::query::Query;
use crate::api::extract::visitor::Visitor;
use crate::api::problem::Problem;
use crate::api::view::KeptDeployment;
use crate::domain::DeploymentFilter;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of deployments.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deployments {
    deployments: Vec<KeptDeployment>,
    /// Cursor of the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// List what was reported as deployed, newest first.
#[utoipa::path(get, path = "/api/v1/deployments", tag = "issues",
    params(
        ("project_id" = Option<String>, Query, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "Filter by project"),
        ("environment" = Option<String>, Query, description = "Filter by environment"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "1 to 200; default 50"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the previous page"),
    ),
    responses((status = 200, body = Deployments)))]
pub(crate) async fn list(
    State(state): State<SharedState>,
    Visitor(caller): Visitor,
    mut query: Query,
) -> Result<Json<Deployments>, Problem> {
    let filter = DeploymentFilter {
        project_id: query.parsed("project_id"),
        scope: caller.scope(),
        environment: query.text("environment"),
        first_commit_only: false,
    };
    let (limit, before) = (query.limit(), query.number("cursor"));
    query.finish()?;
    let page = state.store.deployments(filter, before, limit).await?;
    let next_cursor = page.items.last().filter(|_| page.more).map(|last| last.id.to_string());
    Ok(Json(Deployments { deployments: page.items.into_iter().map(Into::into).collect(), next_cursor }))
}
