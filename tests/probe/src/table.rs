//! The ways in which an error becomes a failed response. The marked ones report their line in every build.

use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Router, body::Body, routing::get};
use logcenter_tower::{Error, Here, LogCenterLayer, ResponseExt, Result, ResultExt, tracked_from};
use std::num::ParseIntError;
use tower::ServiceExt;

fn broken() -> Result<u8, ParseIntError> {
    "x".parse()
}

fn plain() -> Result<u8> {
    let number = broken()?; // reported: plain
    Ok(number)
}

async fn in_async() -> Result<String> {
    tokio::task::yield_now().await;
    let number = broken()?; // reported: in_async
    Ok(number.to_string())
}

async fn deepest() -> Result<String> {
    Ok(deeper().await?)
}

async fn deeper() -> Result<String> {
    tokio::task::yield_now().await;
    Ok(deepest_of_all()?)
}

fn deepest_of_all() -> Result<String> {
    Ok(broken()?.to_string()) // reported: deepest
}

async fn through_anyhow() -> Result<String> {
    fn inner() -> anyhow::Result<u8> {
        use anyhow::Context;
        broken().context("reading the number")
    }
    Ok(inner()?.to_string()) // reported: through_anyhow
}

async fn plain_anyhow() -> Result<String> {
    fn inner() -> anyhow::Result<u8> {
        Ok(broken()?)
    }
    Ok(inner()?.to_string()) // reported: plain_anyhow
}

async fn into_by_hand() -> Result<String> {
    match broken() {
        Ok(number) => Ok(number.to_string()),
        Err(error) => Err(error.into()), // reported: into_by_hand
    }
}

async fn by_closure() -> Result<String> {
    let number = broken().map_err(|error| Error::from(error)); // reported: by_closure
    Ok(number?.to_string())
}

async fn by_status() -> Result<String> {
    Ok(broken().or_status(StatusCode::BAD_GATEWAY)?.to_string()) // reported: by_status
}

async fn from_text() -> Result<String> {
    Err("no text is too short")? // reported: from_text
}

#[derive(Debug)]
enum OwnError {
    Number(ParseIntError, Here),
}
tracked_from!(OwnError { Number(ParseIntError) });

impl std::fmt::Display for OwnError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Number(error, _) = self;
        error.fmt(f)
    }
}
impl std::error::Error for OwnError {}
impl IntoResponse for OwnError {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response().with_report(self)
    }
}

async fn own_error() -> Result<String, OwnError> {
    Ok(broken()?.to_string()) // reported: own_error
}

async fn logged() -> StatusCode {
    tracing::error!("number unknown"); // reported: logged
    StatusCode::INTERNAL_SERVER_ERROR
}

#[tracing::instrument] // reported: in_span
async fn in_span() -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

// The following lose the line.

async fn by_name() -> Result<String> {
    let number = broken().map_err(Error::from); // by_name: a stack trace tells, where it can
    Ok(number?.to_string())
}

/// What a derive produces that does not track lines.
struct Untracked(Error);
impl From<ParseIntError> for Untracked {
    fn from(error: ParseIntError) -> Self {
        Self(error.into()) // reported: derived
    }
}
impl IntoResponse for Untracked {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

async fn derived() -> Result<String, Untracked> {
    Ok(broken()?.to_string())
}

async fn silent() -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

pub fn table() {
    use tracing_subscriber::prelude::*;
    let _guard = crate::start();
    tracing_subscriber::registry().with(logcenter_panic::layer()).init();
    let app: Router = Router::new()
        .route("/plain", get(|| async { plain().map(|number| number.to_string()) }))
        .route("/in_async", get(in_async))
        .route("/deepest", get(deepest))
        .route("/through_anyhow", get(through_anyhow))
        .route("/plain_anyhow", get(plain_anyhow))
        .route("/into_by_hand", get(into_by_hand))
        .route("/by_closure", get(by_closure))
        .route("/by_status", get(by_status))
        .route("/from_text", get(from_text))
        .route("/own_error", get(own_error))
        .route("/logged", get(logged))
        .route("/in_span", get(in_span))
        .route("/by_name", get(by_name))
        .route("/derived", get(derived))
        .route("/silent/{id}", get(silent))
        .layer(LogCenterLayer::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let paths = [
        "plain",
        "in_async",
        "deepest",
        "through_anyhow",
        "plain_anyhow",
        "into_by_hand",
        "by_closure",
        "by_status",
        "from_text",
        "own_error",
        "logged",
        "in_span",
        "by_name",
        "derived",
        "silent/1",
        "silent/2",
    ];
    for path in paths {
        let request = Request::get(format!("/{path}")).body(Body::empty()).expect("a request");
        let response = runtime.block_on(app.clone().oneshot(request)).expect("infallible");
        assert!(response.status().is_server_error(), "{path}");
    }
}
