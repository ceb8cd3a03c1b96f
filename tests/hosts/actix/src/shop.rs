//! Handlers and their error types.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};
use anyhow::Context;
use logcenter_tower::ResponseExt;
use std::fmt;

/// As the much-read book does it: `anyhow` inside, a `Debug` that tells the chain.
#[logcenter_tower::noted]
#[derive(thiserror::Error)]
pub enum SubscribeError {
    #[error("{0}")]
    Validation(String),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl fmt::Debug for SubscribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{self}\n")?;
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            writeln!(f, "Caused by:\n\t{error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl ResponseError for SubscribeError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Validation(_) => StatusCode::BAD_REQUEST,
            Self::Unexpected(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn store(token: &str) -> Result<u32, std::num::ParseIntError> {
    token.parse()
}

pub async fn subscribe(id: web::Path<String>) -> Result<HttpResponse, SubscribeError> {
    if id.is_empty() {
        return Err(SubscribeError::Validation("no id".into()));
    }
    store(&id).context("Failed to store the confirmation token")?; // reported: subscribe
    Ok(HttpResponse::Ok().finish())
}

pub async fn publish() -> Result<HttpResponse, SubscribeError> {
    store("issue").context("Failed to publish")?; // reported: publish
    Ok(HttpResponse::Ok().finish())
}

/// An enum whose variants are made by hand.
#[derive(Debug)]
pub enum ShopError {
    Closed,
    File(#[expect(dead_code, reason = "shown by Debug")] std::io::Error),
}
logcenter_tower::noted_from!(ShopError { File(std::io::Error) });

impl fmt::Display for ShopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shop does not work")
    }
}

impl ResponseError for ShopError {}

pub async fn unknown() -> Result<HttpResponse, ShopError> {
    std::fs::read_to_string("/nowhere")?; // reported: unknown
    Ok(HttpResponse::Ok().finish())
}

pub async fn closed() -> Result<HttpResponse, ShopError> {
    Err(ShopError::Closed)
}

pub async fn located() -> logcenter_tower::Result<HttpResponse> {
    std::fs::read_to_string("/nowhere")?; // reported: located
    Ok(HttpResponse::Ok().finish())
}

/// An error that knows its line itself, and a response that is made from it.
#[derive(Debug)]
enum StockError {
    File(std::io::Error, logcenter_tower::Here),
}
logcenter_tower::tracked_from!(StockError { File(std::io::Error) });

impl fmt::Display for StockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::File(error, _) = self;
        write!(f, "the stock is unknown: {error}")
    }
}

impl std::error::Error for StockError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let Self::File(error, _) = self;
        Some(error)
    }
}

pub async fn stock() -> HttpResponse {
    fn read() -> Result<String, StockError> {
        Ok(std::fs::read_to_string("/nowhere")?) // reported: stock
    }
    match read() {
        Ok(stock) => HttpResponse::Ok().body(stock),
        Err(error) => HttpResponse::InternalServerError().finish().with_report(error),
    }
}

pub async fn internal() -> actix_web::Result<HttpResponse> {
    Err(actix_web::error::ErrorInternalServerError("the queue is full"))
}

pub async fn answered() -> HttpResponse {
    HttpResponse::BadGateway().body("the warehouse does not answer")
}

pub async fn busy() -> HttpResponse {
    HttpResponse::ServiceUnavailable().finish()
}
