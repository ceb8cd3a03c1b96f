//! The HTTP API. This page is its table of contents: every route, and who may call it.

mod cors;
mod deployments;
mod docs;
mod extract;
mod fallback;
mod gate;
mod health;
mod issues;
mod openapi;
mod problem;
mod projects;
mod reports;
mod slashes;
mod stats;
mod stream;
pub(crate) mod view;

pub(crate) use fallback::{unknown_path, with_fallbacks};

use crate::state::SharedState;
use axum::Router;
use openapi::Audience;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The stream alone, for pages that read it from their own origin.
pub(crate) fn stream_router(state: &SharedState) -> Router<SharedState> {
    let stream = OpenApiRouter::new().routes(routes!(stream::stream));
    openapi::join(state, [(Audience::Administrator, stream)])
}

/// What clients post to.
fn reporters() -> OpenApiRouter<SharedState> {
    cors::report(
        OpenApiRouter::new()
            .routes(routes!(reports::report::report, reports::report::preflight))
            .routes(routes!(reports::batch::batch, reports::batch::preflight)),
    )
}

fn registration() -> OpenApiRouter<SharedState> {
    cors::register(OpenApiRouter::new().routes(routes!(projects::put::put, projects::put::preflight)))
}

/// The routes that also answer to a path with slashes too many.
pub(crate) fn lenient_routes(state: &SharedState) -> Router {
    Router::from(reporters().merge(registration())).with_state(SharedState::clone(state))
}

/// The API's routes, with the document that describes them.
pub(crate) fn router(state: &SharedState) -> Router<SharedState> {
    let anyone = OpenApiRouter::new().routes(routes!(health::healthz)).routes(routes!(health::readyz));

    let reporters = reporters();
    let registrants = registration().routes(routes!(projects::list::list));

    let administrators = OpenApiRouter::new()
        .routes(routes!(projects::get::get, projects::delete::delete))
        .routes(routes!(projects::keys::list, projects::keys::create, projects::keys::delete))
        .routes(routes!(issues::list::list))
        .routes(routes!(issues::get::get, issues::patch::patch, issues::delete::delete))
        .routes(routes!(issues::events::events))
        .routes(routes!(issues::history::history))
        .routes(routes!(issues::stats::stats))
        .routes(routes!(deployments::deploy))
        .routes(routes!(stats::stats))
        .routes(routes!(stream::stream))
        .routes(routes!(health::metrics))
        .routes(routes!(docs::openapi))
        .routes(routes!(docs::docs));

    openapi::join(
        state,
        [
            (Audience::Anyone, anyone),
            (Audience::Reporter, reporters),
            (Audience::Registrant, registrants),
            (Audience::Administrator, administrators),
        ],
    )
}
