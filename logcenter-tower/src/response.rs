//! Attaches an error to the response that was made from it.

use crate::{Error, Located};
use http::Response;
use logcenter_client::Request;
use std::sync::Arc;

/// Response extension that holds the error the response was made from, if that happened outside its request, in a
/// separate task.
#[derive(Clone)]
pub(crate) struct Attached(Arc<Error>);

/// Attaches an error to the response that is made from it.
pub(crate) fn attach<B>(response: &mut Response<B>, error: Error) {
    if let Some(error) = error.attach()
        && logcenter_client::is_enabled()
    {
        response.extensions_mut().insert(Attached(Arc::new(error)));
    }
}

/// The error that a response was made from.
pub(crate) fn attached<B>(request: &mut Request, response: &mut Response<B>) -> Option<Error> {
    let mut carried = || response.extensions_mut().remove::<Attached>();
    Error::attached(request).or_else(|| carried().map(|Attached(error)| error.share()))
}

/// Extension methods for responses.
pub trait ResponseExt: Sized {
    /// Attaches the error to the response made from it, for [`LogCenterLayer`](crate::LogCenterLayer) to report. The
    /// report names the line that the error knows, otherwise the line of this call.
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
