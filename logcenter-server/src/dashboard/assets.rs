//! The files that pages load: part of the program, so that it works offline and under any prefix.

use super::fault::Fault;
use axum::extract::RawPathParams;
use axum::http::Uri;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

struct Asset {
    file: &'static str,
    kind: &'static str,
    text: &'static str,
    /// The beginning of its SHA-256: its address changes when it does.
    version: LazyLock<String>,
}

macro_rules! asset {
    ($file:literal, $kind:literal) => {
        Asset {
            file: $file,
            kind: $kind,
            text: include_str!(concat!("../../assets/", $file)),
            version: LazyLock::new(|| {
                let hash = Sha256::digest(include_bytes!(concat!("../../assets/", $file)));
                hash.iter().take(6).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
            }),
        }
    };
}

static ASSETS: [Asset; 5] = [
    asset!("app.css", "text/css; charset=utf-8"),
    asset!("app.js", "text/javascript; charset=utf-8"),
    asset!("htmx-2.0.11.min.js", "text/javascript; charset=utf-8"),
    asset!("live.js", "text/javascript; charset=utf-8"),
    asset!("icon.svg", "image/svg+xml"),
];

fn find(file: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.file == file)
}

/// What the address of an asset ends in.
pub(super) fn version(file: &str) -> &'static str {
    find(file).map_or("", |asset| asset.version.as_str())
}

/// `GET /assets/{file}`
pub(super) async fn asset(params: RawPathParams, uri: Uri) -> Response {
    let file = params.iter().filter(|(name, _)| *name == "file").last().map_or("", |(_, file)| file);
    let Some(asset) = find(file) else { return Fault::NotFound.into_response() };
    let lasts = uri.query() == Some(asset.version.as_str());
    let caching = if lasts { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, caching), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, asset.text).into_response()
}
