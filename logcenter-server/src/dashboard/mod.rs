//! The pages for people. This page is their table of contents.

mod assets;
mod bulk;
mod change;
mod chart;
mod connect;
mod context;
mod copy;
mod excerpt;
mod fault;
mod form;
mod gate;
mod issue;
mod issues;
mod keys;
mod language;
mod login;
mod overview;
mod parts;
mod project;
mod projects;
mod query;
mod repository;
mod stack;
mod ui;

pub(crate) use gate::unknown_page;

use crate::center::Center;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

/// The dashboard's routes.
pub(crate) fn router(center: &Center) -> Router<Center> {
    let pages = Router::new()
        .route("/", get(overview::overview))
        .route("/issues", get(issues::issues))
        .route("/issues/rows", get(issues::rows))
        .route("/issues/bulk", post(bulk::bulk))
        .route("/issues/{id}", get(issue::issue))
        .route("/issues/{id}/status", post(change::change))
        .route("/issues/{id}/stack", get(copy::stack_alone))
        .route("/issues/{id}/markdown", get(copy::markdown))
        .route("/issues/{id}/json", get(copy::json))
        .route("/projects", get(projects::projects).post(projects::create))
        .route("/projects/{project_id}", get(project::project).post(project::edit))
        .route("/projects/{project_id}/keys", post(keys::create))
        .route("/projects/{project_id}/keys/delete", post(keys::delete))
        .route("/connect", get(connect::connect))
        .route("/logout", post(login::logout))
        .route_layer(from_fn_with_state(center.clone(), gate::administrator));
    let open = Router::new()
        .route("/login", get(login::page).post(login::login))
        .route("/language", post(language::choose));
    pages
        .merge(open)
        .route_layer(gate::same_origin(&center.access.site))
        .route_layer(from_fn_with_state(center.clone(), gate::page))
        .route("/assets/{file}", get(assets::asset))
        .route_layer(CompressionLayer::new())
}
