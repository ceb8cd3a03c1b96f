//! Support for axum.

use crate::Error;
use crate::response::attach;
use axum::extract::MatchedPath;
use axum::response::{IntoResponse, Response};
use http::Request;

/// The route that axum's router matched.
pub(crate) fn route<B>(request: &Request<B>) -> &str {
    request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str)
}

impl IntoResponse for Error {
    /// Responds with the status and its name. The error's text is only for the report.
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, status.canonical_reason().unwrap_or_default()).into_response();
        attach(&mut response, self);
        response
    }
}
