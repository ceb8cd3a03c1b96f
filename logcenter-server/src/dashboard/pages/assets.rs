//! `GET /assets/{file}`

use crate::dashboard::ui::assets::find;
use crate::dashboard::ui::fault::Fault;
use axum::extract::RawPathParams;
use axum::http::Uri;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

/// `GET /assets/{file}`
pub(crate) async fn asset(params: RawPathParams, uri: Uri) -> Response {
    let file = params.iter().filter(|(name, _)| *name == "file").last().map_or("", |(_, file)| file);
    let Some(asset) = find(file) else { return Fault::NotFound.into_response() };
    let lasts = uri.query() == Some(asset.version.as_str());
    let caching = if lasts { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, caching), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, asset.text).into_response()
}
