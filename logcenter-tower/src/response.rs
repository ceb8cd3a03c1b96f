//! An error on its way with the response that was made of it.

use crate::{Error, Located};
use http::Response;
use logcenter_client::Request;
use std::sync::Arc;

/// In the extensions of a response that was made outside of its request, in a task of its own: the error it was made of.
#[derive(Clone)]
pub(crate) struct Attached(Arc<Error>);

/// Sends an error along with the response that is made of it.
pub(crate) fn attach<B>(response: &mut Response<B>, error: Error) {
    if let Some(error) = error.attach()
        && logcenter_client::is_enabled()
    {
        response.extensions_mut().insert(Attached(Arc::new(error)));
    }
}

/// The error that a response was made of.
pub(crate) fn attached<B>(request: &mut Request, response: &mut Response<B>) -> Option<Error> {
    let mut carried = || response.extensions_mut().remove::<Attached>();
    Error::attached(request).or_else(|| carried().map(|Attached(error)| error.share()))
}

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
        attach(&mut self, Error::located(error, here));
        self
    }
}
