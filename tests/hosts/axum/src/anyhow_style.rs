//! axum's own pattern for `anyhow`.

use anyhow::Context;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub struct AppError(anyhow::Error);
logcenter_tower::noted_from!(AppError(anyhow::Error));

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, format!("Something went wrong: {}", self.0)).into_response()
    }
}

pub async fn wrapped() -> Result<String, AppError> {
    let text = std::fs::read_to_string("/nowhere")?; // reported: wrapped
    Ok(text)
}

pub async fn contexts() -> Result<String, AppError> {
    fn load(id: u32) -> anyhow::Result<i64> {
        "x".parse::<i64>().with_context(|| format!("loading order {id}"))
    }
    let total = load(7)?; // reported: contexts
    Ok(total.to_string())
}
