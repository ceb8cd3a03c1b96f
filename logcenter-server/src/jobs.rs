//! What is done from time to time.

use crate::center::Inner;
use std::sync::Weak;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(60);

/// Forgets what is kept for a time only, until the centre is gone.
pub(crate) async fn housekeeping(center: Weak<Inner>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(center) = center.upgrade() else { return };
        center.live.rest();
        loop {
            match center.store.forget(center.clock.now()).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "housekeeping failed; it is tried again in a minute");
                    break;
                }
            }
        }
    }
}
