//! A service that makes HTTPS requests, with and without error reporting: `cargo bench -p logcenter-tower --bench size`
//! compares the binaries.
#![expect(clippy::unwrap_used, reason = "it is only built")]

use axum::{Router, routing::get};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() {
    #[cfg(feature = "logcenter")]
    let _guard =
        logcenter_client::init(logcenter_client::Config::from_env().app(logcenter_client::app_info!()));
    #[cfg(feature = "logcenter")]
    logcenter_panic::install();
    #[cfg(feature = "sentry")]
    let _guard = sentry::init("http://key@127.0.0.1:9/1");

    let subscriber = tracing_subscriber::registry().with(tracing_subscriber::fmt::layer());
    #[cfg(feature = "logcenter")]
    let subscriber = subscriber.with(logcenter_panic::layer());
    #[cfg(feature = "sentry")]
    let subscriber = subscriber.with(sentry::integrations::tracing::layer());
    subscriber.init();

    let app = Router::new().route("/", get(upstream));
    #[cfg(feature = "logcenter")]
    let app = app.layer(logcenter_tower::LogCenterLayer::new());
    #[cfg(feature = "sentry")]
    let app = app
        .layer(sentry::integrations::tower::SentryHttpLayer::new())
        .layer(sentry::integrations::tower::NewSentryLayer::new_from_top());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}

async fn upstream() -> String {
    let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(config).build().unwrap();
    client.get("https://example.com").send().await.unwrap().text().await.unwrap()
}
