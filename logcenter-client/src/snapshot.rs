//! The part of a request that reports include.

use http::{HeaderMap, Method};
use std::collections::BTreeMap;

/// The part of a request that reports include.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    /// Empty if unknown.
    pub(crate) route: String,
    /// Empty if unknown.
    pub(crate) request_id: String,
    pub(crate) headers: Option<Box<HeaderMap>>,
    pub(crate) told: Option<Box<Told>>,
}

/// What the program told of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// Empty if unknown.
    pub(crate) user: String,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Snapshot {
    /// Method and route, or path: `GET /users/{id}`.
    pub(crate) fn name(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        format!("{} {}", self.method, if self.route.is_empty() { path } else { &self.route })
    }
}
