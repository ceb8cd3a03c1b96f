//! Responses that say why by themselves, or not at all.

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

pub async fn health() -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

pub async fn slow() -> StatusCode {
    std::future::pending().await
}
