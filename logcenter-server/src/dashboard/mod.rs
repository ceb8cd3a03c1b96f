//! The pages for people. For now one page, which says where the API is.

use crate::center::Center;
use crate::html::{escape, page};
use crate::prefix::prefix;
use axum::Router;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;

/// The dashboard's routes.
pub(crate) fn router() -> Router<Center> {
    Router::new().route("/", get(home))
}

async fn home(State(center): State<Center>, parts: Parts) -> Response {
    let api = center.api_url.clone().unwrap_or_else(|| prefix(&parts));
    let api = escape(&api);
    page(
        "Log Center",
        &format!(
            "<h1>Log Center</h1>\
             <p>Reports go to <code>POST {api}/api/v1/logs/report</code>.</p>\
             <p><a href=\"{api}/docs\">The whole API</a> · \
             <a href=\"{api}/api/v1/issues\">issues</a> · \
             <a href=\"{api}/api/v1/projects\">projects</a></p>"
        ),
    )
}
