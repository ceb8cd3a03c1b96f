//! `POST /api/v1/logs/report`

use super::answer::ReportAnswer;
use super::ingest;
use crate::api::problem::Problem;
use crate::api::view;
use crate::ingest::protocol::Protocol;
use crate::state::SharedState;
use crate::store::StoreError;
use axum::Json;
use axum::extract::{Request, State};

/// Report an error.
///
/// The body is read as JSON whatever the `Content-Type`. The response is sent once the report is durable.
#[utoipa::path(post, path = "/api/v1/logs/report", tag = "reports", request_body = view::Report,
    responses((status = 200, body = ReportAnswer)))]
pub(crate) async fn report(
    State(state): State<SharedState>,
    request: Request,
) -> Result<Json<ReportAnswer>, Problem> {
    let result = ingest(&state, request, Protocol::Report).await?.pop();
    match result {
        Some(outcome) => Ok(Json(outcome?.into())),
        None => Err(StoreError::Failed("a report has no outcome".into()).into()),
    }
}

/// Preflight: any origin may report.
#[utoipa::path(options, path = "/api/v1/logs/report", tag = "reports", responses((status = 200)))]
pub(crate) async fn preflight() {}
