//! The HTTP API. This page is its table of contents: every route, and who may call it.

mod body;
mod cors;
mod deployments;
mod docs;
mod fallback;
mod health;
mod issues;
mod openapi;
mod params;
mod problem;
mod projects;
mod reports;
mod require;
mod stats;
mod stream;

pub(crate) use fallback::{unknown_path, with_fallbacks};

use crate::center::Center;
use axum::Router;
use openapi::Who;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The API's routes.
pub(crate) fn router(center: &Center) -> Router<Center> {
    routes(center).0
}

/// The stream alone, for pages that read it from their own origin.
pub(crate) fn stream_router(center: &Center) -> Router<Center> {
    let stream = OpenApiRouter::new().routes(routes!(stream::stream));
    openapi::join(center, [(Who::Administrator, stream)]).0
}

/// The API's routes and the document that describes them.
fn routes(center: &Center) -> (Router<Center>, OpenApi) {
    let anyone = OpenApiRouter::new().routes(routes!(health::healthz)).routes(routes!(health::readyz));

    let reporters = OpenApiRouter::new()
        .routes(routes!(reports::report::report, reports::report::preflight))
        .routes(routes!(reports::batch::batch, reports::batch::preflight));

    let registrants = OpenApiRouter::new()
        .routes(routes!(projects::list::list))
        .routes(routes!(projects::put::put, projects::put::preflight));

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
        center,
        [
            (Who::Anyone, anyone),
            (Who::Reporter, reporters),
            (Who::Registrant, registrants),
            (Who::Administrator, administrators),
        ],
    )
}
