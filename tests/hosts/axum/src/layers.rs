//! One failure that several layers tell of.

use axum::http::StatusCode;

#[tracing::instrument(err)] // reported: repository
async fn repository(id: u32) -> Result<u32, std::io::Error> {
    Err(std::io::Error::other(format!("connection {id} refused")))
}

#[tracing::instrument(err)]
async fn service() -> Result<u32, std::io::Error> {
    repository(7).await
}

#[tracing::instrument(err)]
async fn handler() -> Result<u32, std::io::Error> {
    service().await
}

pub async fn instrumented() -> Result<String, StatusCode> {
    let number = handler().await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(number.to_string())
}

fn stock() -> Result<u32, std::num::ParseIntError> {
    "many".parse().inspect_err(|error| {
        tracing::error!(%error, "the stock cannot be read"); // reported: logged
    })
}

fn order() -> Result<u32, String> {
    stock().map_err(|error| {
        tracing::error!("no order: {error}");
        format!("no order: {error}")
    })
}

pub async fn logged() -> Result<String, StatusCode> {
    order().map(|number| number.to_string()).map_err(|error| {
        tracing::error!(error, "the handler failed");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

pub async fn unrelated() -> StatusCode {
    tracing::error!("the cache is cold"); // reported: cache
    tracing::error!("the queue is full"); // reported: queue
    StatusCode::INTERNAL_SERVER_ERROR
}
