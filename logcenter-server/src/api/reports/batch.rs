//! `POST /api/v1/logs/batch`

use super::super::body::{MAX_BATCH_BYTES, announced, read};
use super::super::cors::Cors;
use super::super::problem::Problem;
use super::outcome::{Result as Told, Results};
use super::schema;
use crate::center::{Center, Inner};
use crate::domain::Arrival;
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use logcenter_core::report::ReportBatch;

/// Reports in one batch.
const MAX_REPORTS: usize = 200;

/// Report many errors at once. A bad report never costs its neighbours: each gets the answer it would have had alone, or
/// its problem.
#[utoipa::path(post, path = "/api/v1/logs/batch", tag = "reports", request_body = schema::Batch,
    responses((status = 200, body = Results)))]
pub(in super::super) async fn batch(State(center): State<Center>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answer = accept(&center, &parts, body).await;
    if let Err(problem) = &answer {
        center.metrics.refused(problem.status);
    }
    Cors::REPORT.answer(&parts.headers, answer)
}

/// Preflight: any origin may report.
#[utoipa::path(options, path = "/api/v1/logs/batch", tag = "reports", responses((status = 204)))]
pub(in super::super) async fn preflight(headers: HeaderMap) -> Response {
    Cors::REPORT.preflight(&headers)
}

async fn accept(center: &Inner, parts: &Parts, body: Body) -> Result<Json<Results>, Problem> {
    let reporter = center.access.reporter(parts);
    center.access.may_report(&reporter)?;
    let _memory = center.intake.reserve(announced(&parts.headers, MAX_BATCH_BYTES))?;
    let body = read(body, MAX_BATCH_BYTES).await?;
    let ReportBatch(reports) = ReportBatch::from_json(&body, MAX_REPORTS)?;
    drop(body);
    let received_at = center.clock.now();
    let mut arrivals = Vec::with_capacity(reports.len());
    let mut problems = Vec::with_capacity(reports.len());
    for report in reports {
        let arrival = report.map_err(Problem::from).and_then(|report| {
            let trusted = center.access.ingest(&reporter, &report.project_id)?;
            Ok(Arrival { report, received_at, trusted })
        });
        problems.push(match arrival {
            Ok(arrival) => {
                arrivals.push(arrival);
                None
            }
            Err(problem) => Some(problem),
        });
    }
    let outcomes = if arrivals.is_empty() { Vec::new() } else { center.intake.submit(arrivals).await? };
    let mut outcomes = outcomes.into_iter();
    let results = problems.into_iter().filter_map(|problem| match problem {
        Some(problem) => Some(Told::Refused { problem }),
        None => outcomes.next().map(|outcome| Told::Told(outcome.into())),
    });
    Ok(Json(Results { results: results.collect() }))
}
