//! Settings of a layer.

use http::StatusCode;
use std::sync::Arc;

/// Whether a response counts as failed.
pub(crate) type Classify = Arc<dyn Fn(StatusCode) -> bool + Send + Sync>;

/// Settings of a layer.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) classify: Option<Classify>,
    pub(crate) grpc: bool,
}
