//! The usual error enum: `thiserror`, one line of ours.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use sqlx::SqlitePool;

#[logcenter_tower::noted]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("an error occurred with the database")]
    Sqlx(#[from] sqlx::Error),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("{0} is no number")]
    Number(#[from] std::num::ParseIntError),
    #[error("there is no such thing")]
    NotFound,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NotFound | Self::Number(_) => StatusCode::NOT_FOUND,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::error!("request failed: {self}");
        }
        (status, Json("it did not work")).into_response()
    }
}

type Result<T> = std::result::Result<T, Error>;

pub async fn article(Extension(pool): Extension<SqlitePool>, Path(id): Path<String>) -> Result<String> {
    let id: i64 = id.parse()?;
    sqlx::query("select * from article where id = ?").bind(id).fetch_one(&pool).await?; // reported: article
    Ok(String::new())
}

pub async fn author(Extension(pool): Extension<SqlitePool>) -> Result<String> {
    let row = sqlx::query("select * from author").fetch_one(&pool).await;
    row?; // reported: author
    Ok(String::new())
}

pub async fn missing() -> Result<String> {
    let id: i64 = "x".parse()?; // answered with 404
    Ok(id.to_string())
}

/// The first failure is dealt with; the second is what the request dies of.
pub async fn retried(Extension(pool): Extension<SqlitePool>) -> Result<String> {
    fn first() -> Result<i64> {
        Ok("x".parse::<i64>()?)
    }
    if first().is_err() {
        sqlx::query("select * from fallback").fetch_one(&pool).await?; // reported: retried
    }
    Ok(String::new())
}

/// Many errors at one line, each dealt with; then another failure.
pub async fn imported() -> Result<String> {
    fn row(text: &str) -> Result<i64> {
        Ok(text.parse::<i64>()?)
    }
    let bad = (0..3000).filter(|number| row(&format!("row {number}")).is_err()).count();
    Ok(std::fs::read_to_string(format!("/nowhere/{bad}"))?) // reported: imported
}

/// The innermost `?` is reported, however often the error is passed on.
pub async fn nested() -> Result<String> {
    #[logcenter_tower::noted]
    #[derive(Debug, thiserror::Error)]
    enum FileError {
        #[error("the prices cannot be read")]
        Io(#[from] std::io::Error),
    }
    fn read() -> std::result::Result<String, FileError> {
        Ok(std::fs::read_to_string("/nowhere")?) // reported: nested
    }
    read().map_err(|error| std::io::Error::other(error))?;
    Ok(String::new())
}
