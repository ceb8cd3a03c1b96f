//! An axum service in the shape of many: an error enum of `thiserror`, `sqlx`, `anyhow` in places, `tracing`. Each route
//! fails in its own way; `axum-host PATH…` requests them in turn.

mod anyhow_style;
mod background;
mod bodies;
mod layers;
mod logs;
mod shop;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use axum::{Extension, Router};
use logcenter_client::{Config, app_info, init};
use logcenter_tower::LogCenterLayer;
use std::time::Duration;
use tower::ServiceExt;
use tower_http::timeout::TimeoutLayer;
use tracing_subscriber::prelude::*;

fn router(pool: sqlx::SqlitePool) -> Router {
    // Only here: the first stack that is resolved on a busy machine may take longer than this.
    let timeout = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_millis(500));
    Router::new()
        .route("/articles/{id}", get(shop::article))
        .route("/authors/{id}", get(shop::author))
        .route("/missing", get(shop::missing))
        .route("/retried", get(shop::retried))
        .route("/imported", get(shop::imported))
        .route("/nested", get(shop::nested))
        .route("/wrapped", get(anyhow_style::wrapped))
        .route("/contexts", get(anyhow_style::contexts))
        .route("/instrumented", get(layers::instrumented))
        .route("/logged", get(layers::logged))
        .route("/unrelated", get(layers::unrelated))
        .route("/blocking", get(background::blocking))
        .route("/joined", get(background::joined))
        .route("/unwrapped", get(background::unwrapped))
        .route("/rayon", get(background::in_rayon))
        .route("/carried", get(background::carried))
        .route("/panics", get(background::panics))
        .route("/extension", get(bodies::extension))
        .route("/text", get(bodies::text))
        .route("/json", get(bodies::json))
        .route("/broken", get(bodies::broken))
        .route("/streamed", get(bodies::streamed))
        .route("/healthz", get(bodies::health))
        .route("/slow", get(bodies::slow).layer(timeout))
        .route("/debug-field", get(logs::debug_field))
        .route("/display-field", get(logs::display_field))
        .route("/scoped", get(logs::scoped))
        .layer(LogCenterLayer::new().ignore_route("/healthz"))
        .layer(Extension(pool))
}

#[tokio::main]
async fn main() {
    let _guard = init(Config::from_env().app(app_info!()).shutdown_timeout(Duration::from_secs(60)));
    logcenter_panic::install();
    let filter = tracing_subscriber::EnvFilter::new("off");
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_filter(filter))
        .with(logcenter_panic::layer())
        .init();
    let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.expect("a database in memory");
    let app = router(pool);
    for path in std::env::args().skip(1) {
        let request = Request::get(&path).body(Body::empty()).expect("a request");
        let app = app.clone();
        // A panic ends the connection's task, and no other.
        let answered = tokio::spawn(async move {
            let (parts, body) = app.oneshot(request).await.expect("infallible").into_parts();
            // It may break off, as a connection then would.
            let _ = axum::body::to_bytes(body, usize::MAX).await;
            parts.status.as_u16()
        });
        let status = answered.await;
        println!("{path} {}", status.unwrap_or(0));
    }
}
