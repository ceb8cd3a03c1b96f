//! Support for tonic.

use crate::Error;
use crate::outcome;
use http::{Response, StatusCode};
use logcenter_client::{Incident, Request};
use std::sync::Arc;
use tonic::{Code, Status};

/// Reports a response whose code means that the service failed. tonic leaves the status in the response's extensions.
pub(crate) fn watch<B>(request: &mut Request, response: &Response<B>) {
    let Some(status) = response.extensions().get::<Status>() else { return };
    if !matches!(status.code(), Code::Unknown | Code::Internal | Code::Unavailable | Code::DataLoss) {
        return;
    }
    let source = std::error::Error::source(status);
    let error = source.and_then(|source| source.downcast_ref::<Sent>()).map(|Sent(error)| error);
    let code = match status.code() {
        Code::Unknown => "Unknown",
        Code::Unavailable => "Unavailable",
        Code::DataLoss => "DataLoss",
        _ => "Internal",
    };
    outcome::report(
        request,
        error.map(Error::incident),
        |incident| {
            let says_more = status.message() != status.code().description();
            incident.during(if says_more { status.message() } else { "" }).grpc_code(code)
        },
        || match source {
            Some(source) => Incident::of_error::<dyn std::error::Error>(source),
            None => Incident::new(format!("Grpc{code}"), &status.message()),
        },
    );
}

/// The source of a status that was made from an [`Error`].
struct Sent(Error);

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.0, f)
    }
}

impl std::fmt::Display for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Sent {}

impl From<Error> for Status {
    /// Derives the code from the error's status. The message is the code's description; the error's text is only for
    /// the report.
    fn from(error: Error) -> Self {
        let code = match error.status() {
            StatusCode::BAD_REQUEST => Code::InvalidArgument,
            StatusCode::UNAUTHORIZED => Code::Unauthenticated,
            StatusCode::FORBIDDEN => Code::PermissionDenied,
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::CONFLICT => Code::Aborted,
            StatusCode::TOO_MANY_REQUESTS => Code::ResourceExhausted,
            StatusCode::NOT_IMPLEMENTED => Code::Unimplemented,
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
            StatusCode::GATEWAY_TIMEOUT => Code::DeadlineExceeded,
            _ => Code::Internal,
        };
        let mut status = Self::new(code, code.description());
        status.set_source(Arc::new(Sent(error)));
        status
    }
}
