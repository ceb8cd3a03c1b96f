//! A program that logs with `tracing` and reports its errors through that alone: only `main` knows about Log Center.
//!
//! cargo run --bin tracing-only
//!
//! Then look at Log Center (LOG_CENTER_URL, default http://localhost:8002).

use std::error::Error;
use tracing_subscriber::prelude::*;

fn main() {
    // Reports are sent until this guard is dropped.
    let _guard =
        logcenter_client::init(logcenter_client::Config::from_env().app(logcenter_client::app_info!()));
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer())
        .with(logcenter_panic::layer())
        .init();

    for order in ["7", "seven"] {
        pay(order);
    }
    tracing::error!(pending = 1, "shop closes with open orders"); // reported: message
}

#[tracing::instrument]
fn pay(order: &str) {
    match order.parse::<u64>() {
        Ok(number) => tracing::info!(number, "paid"),
        Err(error) => {
            tracing::error!(error = &error as &dyn Error, "payment failed"); // reported: error
        }
    }
}
