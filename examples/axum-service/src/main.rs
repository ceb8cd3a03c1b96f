//! An axum service that reports its errors to Log Center.
//!
//! cargo run --bin axum-service
//!
//! Then run `curl localhost:3000/users/7`, and look at Log Center (LOG_CENTER_URL, default http://localhost:8002).

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use logcenter_client::{Config, Level, app_info, message};
use logcenter_tower::{FutureExt, Here, LogCenterLayer, ResponseExt, Result, tracked_from};
use tower_http::{catch_panic::CatchPanicLayer, trace::TraceLayer};
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let config = Config::from_env().app(app_info!()).headers(["user-agent"]);
    let _guard = logcenter_client::init(config); // reports are sent until this guard is dropped
    logcenter_panic::install();
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer())
        .with(logcenter_panic::layer())
        .init();

    let app = Router::new()
        .route("/users/{id}", get(user))
        .route("/orders/{id}", get(order))
        // A handler that responds with 500 and no error: its route is reported.
        .route("/prices", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/stock", get(stock))
        .route("/mail", get(mail))
        .route("/crash", get(crash))
        .layer(CatchPanicLayer::new())
        .layer(LogCenterLayer::new())
        .layer(TraceLayer::new_for_http());
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}

/// The easy way: use `?` on any error; the line of the deepest `?` is reported.
async fn user(Path(id): Path<u64>) -> Result<Json<String>> {
    Ok(Json(read_name(id).await?))
}

async fn read_name(id: u64) -> Result<String> {
    Ok(std::fs::read_to_string(format!("/nowhere/users/{id}"))?) // reported: users
}

/// A custom error type: with one more line, its variants know where they were created.
#[derive(Debug)]
enum ShopError {
    Number(std::num::ParseIntError, Here),
}

tracked_from!(ShopError { Number(std::num::ParseIntError) });

impl std::fmt::Display for ShopError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the order cannot be found")
    }
}

impl std::error::Error for ShopError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let Self::Number(error, _) = self;
        Some(error)
    }
}

impl IntoResponse for ShopError {
    fn into_response(self) -> Response {
        StatusCode::BAD_GATEWAY.into_response().with_report(self)
    }
}

async fn order(Path(id): Path<String>) -> std::result::Result<String, ShopError> {
    let number: u64 = id.parse()?; // reported: orders
    Ok(format!("order {number}"))
}

/// A handler that logs: the event and the response become one report, which names the event's line.
async fn stock() -> StatusCode {
    tracing::error!(warehouse = 3, "stock unknown"); // reported: stock
    StatusCode::INTERNAL_SERVER_ERROR
}

/// A spawned task keeps the request it was created in.
async fn mail() -> &'static str {
    let job = async { message(Level::Warning, "mail not sent").send() }; // reported: mail
    drop(tokio::spawn(job.in_request()).await);
    "later"
}

async fn crash() -> &'static str {
    ["no", "items"].get(2).expect("there is no such item") // reported: crash
}
