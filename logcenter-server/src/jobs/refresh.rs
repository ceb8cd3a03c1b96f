//! Reads changes that other replicas made to keys, tokens and sessions: what is revoked is refused everywhere within
//! 5 seconds.

use crate::service;
use crate::state::State;
use std::sync::Weak;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(2);

pub(super) async fn run(state: Weak<State>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(state) = state.upgrade() else { return };
        if let Err(error) = service::access::refresh(&state).await {
            tracing::debug!(%error, "keys and sessions could not be read; the known ones stay valid");
        }
    }
}
