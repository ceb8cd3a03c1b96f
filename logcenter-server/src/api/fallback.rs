//! Turns axum's own error responses into problems.

use crate::api::problem::Problem;
use crate::state::SharedState;
use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;

/// Adds the responses for an unknown path and a wrong method. They apply only under the router's prefix.
pub(crate) fn with_fallbacks(routes: Router<SharedState>) -> Router<SharedState> {
    routes.fallback(unknown_path).method_not_allowed_fallback(wrong_method)
}

/// The response to an unknown path.
pub(crate) async fn unknown_path(parts: Parts) -> Problem {
    let path = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri).path();
    Problem::not_found(format_args!("route {path:?} here; /docs lists them"))
}

/// axum adds the `Allow` header.
async fn wrong_method(request: Request) -> Problem {
    let detail =
        format!("This route does not take {}; the Allow header says what it takes.", request.method());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
