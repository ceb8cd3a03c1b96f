//! axum.

use crate::Error;
use crate::response::Attached;
use axum::extract::MatchedPath;
use axum::response::{IntoResponse, Response};
use http::Request;
use logcenter_client::Route;
use std::sync::Arc;

/// The route that axum's router matched.
pub(crate) fn route<B>(request: &Request<B>) -> Option<Route> {
    request.extensions().get::<MatchedPath>().cloned().map(Route::Axum)
}

impl IntoResponse for Error {
    /// Its status and the status's name. What it says is for the report.
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, status.canonical_reason().unwrap_or_default()).into_response();
        response.extensions_mut().insert(Attached(Arc::new(self)));
        response
    }
}
