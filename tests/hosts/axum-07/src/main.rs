//! A service that has not moved to axum 0.8. `axum-07-host PATH…` requests the paths in turn.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use logcenter_client::{Config, app_info, init};
use logcenter_tower::LogCenterLayer;
use std::time::Duration;
use tower::ServiceExt;

async fn prices() -> logcenter_tower::Result<String> {
    Ok(std::fs::read_to_string("/nowhere")?) // reported: prices
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let _guard = init(Config::from_env().app(app_info!()).shutdown_timeout(Duration::from_secs(60)));
    let app = Router::new()
        .route("/prices/:id", get(prices))
        .route("/silent/:id", get(async || StatusCode::BAD_GATEWAY))
        .layer(LogCenterLayer::new());
    for path in std::env::args().skip(1) {
        let request = Request::get(&path).body(Body::empty()).expect("a request");
        let response = app.clone().oneshot(request).await.expect("infallible");
        println!("{path} {}", response.status());
    }
}
