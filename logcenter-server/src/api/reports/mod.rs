//! Reporting errors. This module has what the routes share: permissions, memory, reading, decoding and recording.

mod answer;
pub(super) mod batch;
pub(super) mod report;

use super::extract::body::read;
use super::problem::Problem;
use crate::access::Permission;
use crate::domain::Outcome;
use crate::ingest::protocol::Protocol;
use crate::ingest::{Refused, accept};
use crate::state::State;
use axum::extract::Request;

/// The outcome of each report in the request, or the problem with the request as a whole.
async fn ingest(
    state: &State,
    request: Request,
    protocol: Protocol,
) -> Result<Vec<Result<Outcome, Problem>>, Problem> {
    let answer = record(state, request, protocol).await;
    if let Err(problem) = &answer {
        state.metrics.refused(problem.status);
    }
    answer
}

async fn record(
    state: &State,
    request: Request,
    protocol: Protocol,
) -> Result<Vec<Result<Outcome, Problem>>, Problem> {
    let (parts, body) = request.into_parts();
    let now = state.clock.now();
    let caller = state.access.reporter(&parts, now);
    state.access.may(&caller, Permission::ReportAtAll)?;
    let mut memory = state.intake.reservation(protocol.pool());
    let body = read(body, protocol.max_bytes(), &mut memory).await?;
    let reports = protocol.decode(&body)?;
    drop(body);
    let trust = |project_id: &_| state.access.may(&caller, Permission::Report(project_id));
    let results = accept(&state.intake, memory, reports, state.clock.now(), trust).await?;
    Ok(results.into_iter().map(|result| result.map_err(problem)).collect())
}

fn problem(refused: Refused) -> Problem {
    match refused {
        Refused::Rejected(rejection) => rejection.into(),
        Refused::Denied(denied) => denied.into(),
        Refused::Store(error) => error.into(),
    }
}
