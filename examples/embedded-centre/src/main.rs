//! A service that embeds Log Center and reports its own errors to it.
//!
//! cargo run --bin embedded-centre
//!
//! Then run `curl localhost:3003/users/7`, and open http://localhost:3003/logcenter.

use axum::extract::Path;
use axum::{Router, routing::get};
use logcenter_client::Config;
use logcenter_server::{LogCenter, Sqlite};
use logcenter_tower::{LogCenterLayer, Result};
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:3003".into());
    let database = args.next().unwrap_or_else(|| "embedded-centre.db".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let own = format!("http://{}", listener.local_addr()?);

    let center = LogCenter::builder().store(Sqlite::open(database)?).loopback_only().build().await?;
    // The service's own errors go over HTTP, like everyone else's. The position of the layer decides what is reported:
    // it wraps the service's routes but not Log Center's, so that an error while reporting is not reported in turn.
    let guard = logcenter_client::init(
        Config::new(format!("{own}/logcenter"), "embedded-centre").app(logcenter_client::app_info!()),
    );
    logcenter_panic::install();
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer())
        .with(logcenter_panic::ErrorLayer::new().ignore("logcenter_server").into_layer())
        .init();

    let app = Router::new()
        .route("/users/{id}", get(user))
        .layer(LogCenterLayer::new())
        .nest_service("/logcenter", center.router::<()>());
    println!("{own}");
    let serve = axum::serve(listener, app.into_make_service_with_connect_info::<std::net::SocketAddr>());
    serve.with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) }).await?;
    // Nothing answers any more: the guard gives up and says how many reports were lost.
    drop(guard);
    center.shutdown().await;
    Ok(())
}

async fn user(Path(id): Path<u64>) -> Result<String> {
    Ok(std::fs::read_to_string(format!("/nowhere/users/{id}"))?) // reported: users
}
