//! Reads request bodies, within limits.

use crate::api::problem::Problem;
use crate::ingest::Reservation;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Maximum body size in bytes, for everything but reports.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How many bytes of an oversized body are read and discarded: a client that is still sending may not read the
/// response.
const MAX_DISCARDED_BYTES: usize = 32 * 1024 * 1024;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads the whole body, at most `most` bytes, and reserves `memory` as it arrives.
pub(crate) async fn read(body: Body, most: usize, memory: &mut Reservation) -> Result<Bytes, Problem> {
    let mut reading = pin!(collect(body, most, memory));
    // A small body has usually arrived already: no timer needed.
    if let Poll::Ready(read) = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await {
        return read;
    }
    match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Ok(read) => read,
        Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "The body did not come within 30 seconds.")),
    }
}

async fn collect(mut body: Body, most: usize, memory: &mut Reservation) -> Result<Bytes, Problem> {
    let mut first: Option<Bytes> = None;
    let mut rest: Vec<u8> = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let broken = |_| Problem::new(StatusCode::BAD_REQUEST, "The body broke off.");
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        length += data.len();
        if length > most {
            rest = Vec::new();
            if length > MAX_DISCARDED_BYTES {
                break;
            }
            continue;
        }
        memory.grow(data.len())?;
        if let Some(first) = &first {
            if rest.is_empty() {
                rest.extend_from_slice(first);
            }
            rest.extend_from_slice(&data);
        } else {
            first = Some(data);
        }
    }
    if length > most {
        let detail = format!("The body is longer than {most} bytes. Send less, or in several requests.");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    Ok(if rest.is_empty() { first.unwrap_or_default() } else { rest.into() })
}
