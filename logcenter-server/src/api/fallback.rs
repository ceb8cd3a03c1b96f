//! Turns axum's own error responses into problems.

use super::slashes::without_extra_slashes;
use crate::api::problem::Problem;
use crate::state::SharedState;
use axum::Router;
use axum::extract::{OriginalUri, Request, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use tower::ServiceExt;

/// Adds the answers to unknown paths, which are `unknown`'s unless `lenient` finds what was meant, and to wrong methods.
/// They apply only under the router's prefix.
pub(crate) fn with_fallbacks<T: 'static>(
    routes: Router<SharedState>,
    lenient: Router,
    unknown: impl Handler<T, SharedState>,
) -> Router<SharedState> {
    let fallback = move |State(state): State<SharedState>, request: Request| {
        let (lenient, unknown) = (lenient.clone(), unknown.clone());
        async move {
            match without_extra_slashes(request) {
                Ok(request) => lenient.oneshot(request).await.into_response(),
                Err(request) => unknown.call(request, state).await,
            }
        }
    };
    routes.fallback(fallback).method_not_allowed_fallback(wrong_method)
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
