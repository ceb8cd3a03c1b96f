//! An actix service in the shape of many: `ResponseError` for an enum, `anyhow` inside, `tracing-actix-web`.
//! `actix-host PATH…` requests each path in turn.

mod shop;

use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, web};
use logcenter_client::{Config, app_info, init};
use logcenter_tower::actix::LogCenter;
use std::time::Duration;
use tracing_subscriber::prelude::*;

#[actix_web::main]
async fn main() {
    let _guard = init(Config::from_env().app(app_info!()).shutdown_timeout(Duration::from_secs(60)));
    logcenter_panic::install();
    tracing_subscriber::registry().with(logcenter_panic::layer()).init();
    let app = App::new()
        .route("/subscriptions/{id}", web::get().to(shop::subscribe))
        .route("/publish", web::get().to(shop::publish))
        .route("/unknown", web::get().to(shop::unknown))
        .route("/closed", web::get().to(shop::closed))
        .route("/located", web::get().to(shop::located))
        .route("/stock", web::get().to(shop::stock))
        .route("/internal", web::get().to(shop::internal))
        .route("/answered", web::get().to(shop::answered))
        .route("/busy", web::get().to(shop::busy))
        .route("/healthz", web::get().to(shop::busy))
        .wrap(tracing_actix_web::TracingLogger::default())
        .wrap(
            LogCenter::new()
                .ignore_route("/healthz")
                .classify(|answer| answer.status.is_server_error() && answer.path != "/busy"),
        );
    let app = init_service(app).await;
    for path in std::env::args().skip(1) {
        let request = TestRequest::get().uri(&path).to_request();
        let status = match try_call_service(&app, request).await {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        println!("{path} {}", status.as_u16());
    }
}
