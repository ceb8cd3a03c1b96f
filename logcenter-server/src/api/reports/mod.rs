//! Reporting errors. This module has what the routes share: permissions, memory, reading, decoding and recording.

mod answer;
pub(super) mod batch;
pub(super) mod report;

use super::extract::body::read;
use super::problem::Problem;
use crate::access::Permission;
use crate::domain::Outcome;
use crate::ingest::protocol::Protocol;
use crate::ingest::{Encoding, Refused, Reservation, Undecodable, accept};
use crate::state::State;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use std::fmt::Display;

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
    let encoding = content_encoding(&parts.headers)?;
    let mut memory = state.intake.reservation(protocol.pool());
    let mut body = read(body, protocol.max_bytes(), &mut memory).await?;
    if let Some(encoding) = encoding {
        (body, memory) = decoded(state, encoding, body, protocol.max_decoded_bytes(), memory).await?;
    }
    let reports = protocol.decode(&body)?;
    drop(body);
    let trust = |project_id: &_| state.access.may(&caller, Permission::Report(project_id));
    let results = accept(&state.intake, memory, reports, state.clock.now(), trust).await?;
    Ok(results.into_iter().map(|result| result.map_err(problem)).collect())
}

fn content_encoding(headers: &HeaderMap) -> Result<Option<Encoding>, Problem> {
    let Some(header) = headers.get(CONTENT_ENCODING) else { return Ok(None) };
    let header = String::from_utf8_lossy(header.as_bytes());
    Encoding::read(&header).map_err(|()| {
        let detail =
            format!("Content-Encoding {header:?} is not supported; send gzip, deflate, br, zstd or none.");
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    })
}

/// Decodes a body on a thread that may take its time.
async fn decoded(
    state: &State,
    encoding: Encoding,
    body: Bytes,
    most: usize,
    mut memory: Reservation,
) -> Result<(Bytes, Reservation), Problem> {
    let _turn = state.intake.decoder().await;
    let decoding = tokio::task::spawn_blocking(move || {
        encoding.decode(&body, most, &mut memory).map(|decoded| (Bytes::from(decoded), memory))
    });
    let broken = |why: &dyn Display| {
        let detail = format!("The body cannot be decoded as its Content-Encoding says: {why}.");
        Problem::new(StatusCode::BAD_REQUEST, detail)
    };
    match decoding.await {
        Ok(Ok(decoded)) => Ok(decoded),
        Ok(Err(Undecodable::Refused(refusal))) => Err(refusal.into()),
        Ok(Err(Undecodable::TooLong(most))) => {
            let detail =
                format!("The decoded body is longer than {most} bytes. Send less, or in several requests.");
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
        }
        Ok(Err(Undecodable::Broken(error))) => Err(broken(&error)),
        Err(error) => Err(broken(&error)),
    }
}

fn problem(refused: Refused) -> Problem {
    match refused {
        Refused::Rejected(rejection) => rejection.into(),
        Refused::Denied(denied) => denied.into(),
        Refused::Store(error) => error.into(),
    }
}
