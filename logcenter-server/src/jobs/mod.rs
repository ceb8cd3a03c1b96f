//! Periodic jobs, which run as long as the Log Center exists.

mod leases;
mod purge;
mod refresh;
mod retention;

use crate::state::SharedState;
use std::sync::Arc;

/// Starts every job on the current runtime.
pub(crate) fn spawn(state: &SharedState) {
    tokio::spawn(leases::run(Arc::downgrade(state)));
    tokio::spawn(purge::run(Arc::downgrade(state)));
    tokio::spawn(refresh::run(Arc::downgrade(state)));
    tokio::spawn(retention::run(Arc::downgrade(state)));
}
