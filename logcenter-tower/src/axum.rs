//! Support for axum: an [`Error`] is a response.

use crate::Error;
use crate::response::attach;

#[cfg(feature = "axum")]
impl axum::response::IntoResponse for Error {
    /// Responds with the status and its name. The error's text is only for the report.
    fn into_response(self) -> axum::response::Response {
        let status = self.status();
        let mut response = (status, status.canonical_reason().unwrap_or_default()).into_response();
        attach(&mut response, self);
        response
    }
}

#[cfg(feature = "axum-07")]
impl axum_07::response::IntoResponse for Error {
    /// Responds with the status and its name. The error's text is only for the report.
    fn into_response(self) -> axum_07::response::Response {
        let status = self.status();
        let mut response = (status, status.canonical_reason().unwrap_or_default()).into_response();
        attach(&mut response, self);
        response
    }
}
