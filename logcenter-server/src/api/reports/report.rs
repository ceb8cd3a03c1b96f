//! `POST /api/v1/logs/report`

use super::super::body::{MAX_BODY_BYTES, announced, read};
use super::super::cors::Cors;
use super::super::problem::Problem;
use super::outcome::Told;
use super::schema;
use crate::center::{Center, Inner};
use crate::domain::Arrival;
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use logcenter_core::Report;

/// Report an error. Any `Content-Type`, or none, is read as JSON. The answer comes after the report is durable.
#[utoipa::path(post, path = "/api/v1/logs/report", tag = "reports", request_body = schema::Report,
    responses((status = 200, body = Told)))]
pub(in super::super) async fn report(State(center): State<Center>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answer = accept(&center, &parts, body).await;
    if let Err(problem) = &answer {
        center.metrics.refused(problem.status);
    }
    Cors::REPORT.answer(&parts.headers, answer)
}

/// Preflight: any origin may report.
#[utoipa::path(options, path = "/api/v1/logs/report", tag = "reports", responses((status = 204)))]
pub(in super::super) async fn preflight(headers: HeaderMap) -> Response {
    Cors::REPORT.preflight(&headers)
}

async fn accept(center: &Inner, parts: &Parts, body: Body) -> Result<Json<Told>, Problem> {
    let reporter = center.access.reporter(parts);
    center.access.may_report(&reporter)?;
    let _memory = center.intake.reserve(announced(&parts.headers, MAX_BODY_BYTES))?;
    let body = read(body, MAX_BODY_BYTES).await?;
    let report = Report::from_json(&body)?;
    drop(body);
    let trusted = center.access.ingest(&reporter, &report.project_id)?;
    let arrival = Arrival { report, received_at: center.clock.now(), trusted };
    let outcomes = center.intake.submit(vec![arrival]).await?;
    match outcomes.first() {
        Some(&outcome) => Ok(Json(outcome.into())),
        None => Err(crate::store::StoreError::Failed("a report has no outcome".into()).into()),
    }
}
