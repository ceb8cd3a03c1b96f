//! Cross-origin requests: what browsers need to hear before they deliver a report from another origin.
//!
//! A beacon makes its preflight with credentials, so `*` will not do: the origin is mirrored, and headers are named. Cookies
//! are never read behind it, so nothing is opened by it.

use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue, ORIGIN};
use std::time::Duration;
use tower::util::MapRequestLayer;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use utoipa_axum::router::OpenApiRouter;

/// Opens the ingest routes to pages of any origin.
pub(super) fn report<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>) -> OpenApiRouter<S> {
    open(routes, CorsLayer::new().allow_methods([Method::POST]).allow_credentials(true))
}

/// Opens the registration of a project to pages of any origin.
pub(super) fn register<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>) -> OpenApiRouter<S> {
    open(routes, CorsLayer::new().allow_methods([Method::PUT]))
}

fn open<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>, cors: CorsLayer) -> OpenApiRouter<S> {
    let cors = cors
        .allow_origin(AllowOrigin::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(Duration::from_secs(24 * 60 * 60))
        .vary([ORIGIN]);
    // As one layer: each costs every report a box.
    routes.layer((MapRequestLayer::new(name_content_type), cors))
}

/// Allows `content-type` to every preflight, whether it asks for it or not.
fn name_content_type(mut request: Request) -> Request {
    if request.method() == Method::OPTIONS {
        let headers = request.headers_mut();
        let asked = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|value| value.to_str().ok());
        let asked = asked.unwrap_or_default();
        let is_named = asked.split(',').any(|name| name.trim().eq_ignore_ascii_case("content-type"));
        let all = match asked {
            "" => "content-type".to_owned(),
            _ if is_named => asked.to_owned(),
            asked => format!("{asked}, content-type"),
        };
        if let Ok(all) = HeaderValue::try_from(all) {
            headers.insert(ACCESS_CONTROL_REQUEST_HEADERS, all);
        }
    }
    request
}
