//! Responses that say why by themselves, or not at all.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

#[derive(Clone)]
pub struct Settings;

pub async fn extension(Extension(_): Extension<Settings>) {}

pub async fn text() -> (StatusCode, &'static str) {
    (StatusCode::BAD_GATEWAY, "the warehouse does not answer")
}

pub async fn json() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, Json(["stock", "unknown"])).into_response()
}

/// What is sent after the status can fail, too.
pub async fn broken() -> Response {
    let parts = [Ok("id,price\n"), Err(std::io::Error::other("the export broke off"))];
    Body::from_stream(futures_util::stream::iter(parts)).into_response()
}

/// What was noted before is dealt with, and what is sent is whole.
pub async fn streamed() -> Response {
    logcenter_tower::note(&std::io::Error::other("no cache"));
    let parts = [Ok::<_, std::io::Error>("id,price\n"), Ok("1,2\n")];
    Body::from_stream(futures_util::stream::iter(parts)).into_response()
}

pub async fn health() -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

pub async fn slow() -> StatusCode {
    std::future::pending().await
}
