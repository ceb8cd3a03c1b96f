//! The files that pages load, compiled into the program so that they work offline and under any prefix.

use sha2::{Digest, Sha256};
use std::sync::LazyLock;

pub(crate) struct Asset {
    file: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) text: &'static str,
    /// The beginning of its SHA-256: the asset's address changes with its content.
    pub(crate) version: LazyLock<String>,
}

macro_rules! asset {
    ($file:literal, $kind:literal) => {
        Asset {
            file: $file,
            kind: $kind,
            text: include_str!(concat!("../../../assets/", $file)),
            version: LazyLock::new(|| {
                let hash = Sha256::digest(include_bytes!(concat!("../../../assets/", $file)));
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

pub(crate) fn find(file: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.file == file)
}

/// The version that ends the address of an asset.
pub(crate) fn version(file: &str) -> &'static str {
    find(file).map_or("", |asset| asset.version.as_str())
}
