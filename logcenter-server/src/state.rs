//! The state shared by all handlers.

use crate::access::Access;
use crate::domain::Retention;
use crate::feed::Feed;
use crate::ingest::Intake;
use crate::runtime::Clock;
use crate::runtime::metrics::Metrics;
use crate::runtime::readiness::Readiness;
use crate::store::Store;
use std::sync::Arc;

/// The state of a running Log Center.
pub(crate) struct State {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) intake: Intake,
    pub(crate) access: Access,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) api_url: Option<String>,
    pub(crate) retention: Retention,
    pub(crate) readiness: Arc<Readiness>,
}

/// The state as handlers take it.
pub(crate) type SharedState = Arc<State>;
