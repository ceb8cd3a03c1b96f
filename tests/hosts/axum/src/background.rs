//! What fails on another thread than the request's.

use crate::shop::Error;
use axum::http::StatusCode;
use logcenter_tower::in_request;
use tokio::task::{JoinSet, spawn_blocking};

pub async fn blocking() -> logcenter_tower::Result<String> {
    let resized = spawn_blocking(|| -> String { panic!("the image is too large") }); // reported: blocking
    Ok(resized.await?)
}

pub async fn joined() -> Result<String, StatusCode> {
    let mut tasks = JoinSet::new();
    tasks.spawn(async { panic!("the task is lost") }); // reported: joined
    while let Some(task) = tasks.join_next().await {
        task.map_err(|error| {
            tracing::error!(%error, "a task failed");
            StatusCode::INTERNAL_SERVER_ERROR
        })?;
    }
    Ok(String::new())
}

pub async fn unwrapped() -> String {
    tokio::spawn(async { panic!("nobody expected this") }).await.unwrap(); // reported: unwrapped
    String::new()
}

pub async fn in_rayon() -> String {
    let (_, number) = rayon::join(|| 1, || -> u32 { panic!("the sum is wrong") }); // reported: rayon
    number.to_string()
}

pub async fn carried() -> Result<String, Error> {
    fn read() -> Result<String, Error> {
        Ok(std::fs::read_to_string("/nowhere")?) // reported: carried
    }
    match spawn_blocking(in_request(read)).await {
        Ok(result) => result,
        Err(_) => Err(Error::NotFound),
    }
}

pub async fn panics() -> String {
    tracing::info!(order = 7, "about to charge");
    let prices: Vec<u32> = Vec::new();
    prices[3].to_string() // reported: panics
}
