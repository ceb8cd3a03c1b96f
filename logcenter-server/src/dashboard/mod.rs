//! The dashboard. The router below is the table of contents of its pages.

mod middleware;
mod pages;
mod ui;

pub(crate) use middleware::unknown_page;

use crate::state::SharedState;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use pages::{
    assets, attempt, bulk, change, connect, export, issue, issues, keys, language, login, overview, project,
    projects, repair,
};
use tower_http::compression::CompressionLayer;

/// The dashboard's routes.
pub(crate) fn router(state: &SharedState) -> Router<SharedState> {
    let pages = Router::new()
        .route("/", get(overview::overview))
        .route("/issues", get(issues::issues))
        .route("/issues/rows", get(issues::rows))
        .route("/issues/bulk", post(bulk::bulk))
        .route("/issues/{id}", get(issue::issue))
        .route("/issues/{id}/status", post(change::change))
        .route("/issues/{id}/repair", post(repair::request))
        .route("/issues/{id}/repair/stop", post(repair::stop))
        .route("/attempts/{id}", get(attempt::attempt))
        .route("/attempts/{id}/approve", post(attempt::approve))
        .route("/issues/{id}/stack", get(export::stack_alone))
        .route("/issues/{id}/markdown", get(export::markdown))
        .route("/issues/{id}/json", get(export::json))
        .route("/projects", get(projects::projects).post(projects::create))
        .route("/projects/{project_id}", get(project::project).post(project::edit))
        .route("/projects/{project_id}/keys", post(keys::create))
        .route("/projects/{project_id}/keys/delete", post(keys::delete))
        .route("/connect", get(connect::connect))
        .route("/logout", post(login::logout))
        .route_layer(from_fn_with_state(state.clone(), middleware::administrator));
    let open = Router::new()
        .route("/login", get(login::page).post(login::login))
        .route("/language", post(language::choose));
    pages
        .merge(open)
        .route_layer(from_fn_with_state(state.clone(), middleware::same_origin))
        .route_layer(from_fn_with_state(state.clone(), middleware::page))
        .route("/assets/{file}", get(assets::asset))
        .route_layer(CompressionLayer::new())
}
