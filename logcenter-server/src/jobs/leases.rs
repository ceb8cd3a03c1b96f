//! Takes back the issues whose lease ran out.

use crate::service;
use crate::state::State;
use std::sync::Weak;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(state: Weak<State>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(state) = state.upgrade() else { return };
        if let Err(error) = service::repair::expire_leases(&state).await {
            tracing::debug!(%error, "leases that ran out could not be ended; it is tried again in a second");
        }
    }
}
