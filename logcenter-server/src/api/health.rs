//! Health checks and metrics.

use crate::api::problem::Problem;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// Healthy.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Liveness probe.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = Health)))]
pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Readiness probe: the database can be written to, and reports could be recorded in the last five seconds. A check holds for a
/// second.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses((status = 200, body = Health)))]
pub(crate) async fn readyz(State(state): State<SharedState>) -> Result<Json<Health>, Problem> {
    state.readiness.check(&*state.store).await?;
    Ok(Json(Health { status: "ok" }))
}

/// Metrics in Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
pub(crate) async fn metrics(State(state): State<SharedState>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], state.metrics.text())
}
