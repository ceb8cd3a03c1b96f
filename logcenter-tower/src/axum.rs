//! axum.

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
    /// Its status and the status's name. What it says is for the report.
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, status.canonical_reason().unwrap_or_default()).into_response();
        attach(&mut response, self);
        response
    }
}
