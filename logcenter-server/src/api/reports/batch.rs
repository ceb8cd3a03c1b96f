//! `POST /api/v1/logs/batch`

use super::answer::{BatchAnswer, BatchItem};
use super::ingest;
use crate::api::problem::Problem;
use crate::api::view;
use crate::ingest::protocol::Protocol;
use crate::state::SharedState;
use axum::Json;
use axum::extract::{Request, State};

/// Report many errors at once.
///
/// Reports are independent: an invalid one does not affect the others. Each gets the response it would have got on its
/// own, or its problem.
#[utoipa::path(post, path = "/api/v1/logs/batch", tag = "reports", request_body = view::Batch,
    responses((status = 200, body = BatchAnswer)))]
pub(crate) async fn batch(
    State(state): State<SharedState>,
    request: Request,
) -> Result<Json<BatchAnswer>, Problem> {
    let mut results = ingest(&state, request, Protocol::Batch).await?;
    // Nothing was stored: a client that only looks at the status must see that.
    let is_down = |result: &Result<_, Problem>| result.as_ref().is_err_and(Problem::is_unavailable);
    if !results.is_empty() && results.iter().all(is_down) {
        let problem = results.swap_remove(0).map(|_| ()).err();
        state.metrics.refused(503);
        return Err(problem.unwrap_or_else(|| Problem::unavailable("The store does not answer.")));
    }
    let results = results.into_iter().map(|result| match result {
        Ok(outcome) => BatchItem::Accepted(outcome.into()),
        Err(problem) => BatchItem::Refused { problem },
    });
    Ok(Json(BatchAnswer { results: results.collect() }))
}

/// Preflight: any origin may report.
#[utoipa::path(options, path = "/api/v1/logs/batch", tag = "reports", responses((status = 200)))]
pub(crate) async fn preflight() {}
