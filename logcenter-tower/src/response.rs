//! An error on its way with the response that was made of it.

use crate::{Error, Located};
use http::Response;
use std::sync::Arc;

/// In a response's extensions: the error that it was made of.
#[derive(Clone)]
pub(crate) struct Attached(pub(crate) Arc<Error>);

/// In a response's extensions: a layer has reported it.
#[derive(Clone)]
pub(crate) struct Reported;

/// More for responses.
pub trait ResponseExt: Sized {
    /// Sends the error along with the response that is made of it, for [`LogCenterLayer`](crate::LogCenterLayer) to report. It names
    /// the line that the error knows, else that of this call.
    ///
    /// ```
    /// # use logcenter_tower::{Here, ResponseExt, tracked_from};
    /// # #[derive(Debug)]
    /// # enum AppError { Io(std::io::Error, Here) }
    /// # tracked_from!(AppError { Io(std::io::Error) });
    /// # impl std::fmt::Display for AppError {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("failed") }
    /// # }
    /// # impl std::error::Error for AppError {}
    /// use axum::{http::StatusCode, response::{IntoResponse, Response}};
    ///
    /// impl IntoResponse for AppError {
    ///     fn into_response(self) -> Response {
    ///         StatusCode::BAD_GATEWAY.into_response().with_report(self)
    ///     }
    /// }
    /// ```
    #[must_use]
    fn with_report<E: Located>(self, error: E) -> Self;
}

impl<B> ResponseExt for Response<B> {
    #[track_caller]
    fn with_report<E: Located>(mut self, error: E) -> Self {
        let here = error.here().unwrap_or_else(crate::Here::caller);
        self.extensions_mut().insert(Attached(Arc::new(Error::located(error, here))));
        self
    }
}
