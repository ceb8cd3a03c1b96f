//! The HTTP API. This page is its table of contents: every route, and who may call it.

mod attempt;
mod cors;
mod deployments;
mod docs;
mod extract;
mod fallback;
mod gate;
mod health;
mod hooks;
mod issues;
mod openapi;
mod problem;
mod projects;
mod reports;
mod slashes;
mod stats;
mod stream;
mod tokens;
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
    openapi::join(state, [(Audience::Reader, stream)])
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

    let gitea = OpenApiRouter::new().routes(routes!(hooks::gitea::gitea));
    let github = OpenApiRouter::new().routes(routes!(hooks::github::github));

    let listers = OpenApiRouter::new().routes(routes!(projects::list::list));

    let readers = OpenApiRouter::new()
        .routes(routes!(projects::get::get))
        .routes(routes!(issues::list::list))
        .routes(routes!(issues::get::get))
        .routes(routes!(issues::events::events))
        .routes(routes!(issues::history::history))
        .routes(routes!(issues::stats::stats))
        .routes(routes!(issues::attempts::list))
        .routes(routes!(attempt::get))
        .routes(routes!(deployments::list::list))
        .routes(routes!(stats::stats))
        .routes(routes!(stream::stream))
        .routes(routes!(health::metrics))
        .routes(routes!(docs::openapi))
        .routes(routes!(docs::docs));

    let workers = OpenApiRouter::new()
        .routes(routes!(issues::patch::patch))
        .routes(routes!(issues::claim::claim))
        .routes(routes!(issues::heartbeat::heartbeat))
        .routes(routes!(issues::release::release))
        .routes(routes!(issues::attempts::report));

    let deployers = OpenApiRouter::new().routes(routes!(deployments::create::create));

    let managers = OpenApiRouter::new()
        .routes(routes!(projects::delete::delete))
        .routes(routes!(projects::keys::list, projects::keys::create, projects::keys::delete))
        .routes(routes!(issues::repair::request))
        .routes(routes!(issues::repair::stop))
        .routes(routes!(issues::repair::approve))
        .routes(routes!(issues::delete::delete));

    let administrators = OpenApiRouter::new()
        .routes(routes!(tokens::list::list, tokens::create::create))
        .routes(routes!(tokens::delete::delete));

    openapi::join(
        state,
        [
            (Audience::Anyone, anyone),
            (Audience::Forge(openapi::GITEA), gitea),
            (Audience::Forge(openapi::GITHUB), github),
            (Audience::Reporter, reporters()),
            (Audience::Registrant, registration()),
            (Audience::Lister, listers),
            (Audience::Reader, readers),
            (Audience::Worker, workers),
            (Audience::Deployer, deployers),
            (Audience::Manager, managers),
            (Audience::Administrator, administrators),
        ],
    )
}
