//! `GET /openapi.json` and `GET /docs`: the same document, for programs and for people.

mod example;
mod reference;

use crate::http::page_shell::page;
use crate::http::prefix::prefix;
use axum::Extension;
use axum::Json;
use axum::http::request::Parts;
use axum::response::Response;
use std::sync::Arc;
use utoipa::openapi::{OpenApi, ServerBuilder};

/// The whole API as an OpenAPI 3.1 document.
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses((status = 200, body = Object)))]
pub(crate) async fn openapi(Extension(document): Extension<Arc<OpenApi>>, parts: Parts) -> Json<OpenApi> {
    Json(at_prefix(&document, &parts))
}

/// The whole API as a page.
///
/// It needs no scripts and loads nothing from elsewhere.
#[utoipa::path(get, path = "/docs", tag = "operation",
    responses((status = 200, body = String, content_type = "text/html")))]
pub(crate) async fn docs(Extension(document): Extension<Arc<OpenApi>>, parts: Parts) -> Response {
    let document = serde_json::to_value(at_prefix(&document, &parts)).unwrap_or_default();
    page("Log Center API", &reference::html(&document, &format!("{}/openapi.json", prefix(&parts))))
}

/// The document, with the prefix under which this request came as its server.
fn at_prefix(document: &OpenApi, parts: &Parts) -> OpenApi {
    let prefix = prefix(parts);
    let server = ServerBuilder::new().url(if prefix.is_empty() { "/" } else { &prefix }).build();
    let mut document = document.clone();
    document.servers = Some(vec![server]);
    document
}
