//! Removes data that has expired.

use crate::state::State;
use crate::store::StoreError;
use std::sync::Weak;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(60);

/// For how long a replica has this to itself.
const LEASE_MILLIS: i64 = 3 * 60 * 1000;

pub(super) async fn run(state: Weak<State>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(state) = state.upgrade() else { return };
        loop {
            match once(&state).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "removing what has expired failed; it is tried again in a minute");
                    break;
                }
            }
        }
    }
}

/// Removes some of it, unless another replica does; returns whether more is left.
async fn once(state: &State) -> Result<bool, StoreError> {
    let now = state.clock.now();
    let until = now.plus_millis(LEASE_MILLIS);
    Ok(state.store.take_job("purge", until, now).await? && state.store.purge_expired(now).await?)
}
