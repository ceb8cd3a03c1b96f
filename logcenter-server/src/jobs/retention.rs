//! Applies the retention: a pass over everything once an hour.

use crate::domain::retention::RetentionStep;
use crate::runtime::clock::Stopwatch;
use crate::state::State;
use crate::store::StoreError;
use std::sync::Weak;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, sleep};

const EVERY: Duration = Duration::from_secs(60 * 60);

/// For how long a replica has the pass to itself, from each step on.
const LEASE_MILLIS: i64 = 10 * 60 * 1000;

/// How long it rests after a step, in times of what the step took: so rarely that fewer than one in a hundred batches wait for
/// a step.
const REST: f64 = 60.0;

pub(super) async fn run(state: Weak<State>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let mut next = Some(RetentionStep::FIRST);
        while let Some(step) = next {
            let Some(state) = state.upgrade() else { return };
            let taken = Stopwatch::start();
            next = match once(&state, step).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "removing what is no longer kept failed; it is tried again in an hour");
                    None
                }
            };
            drop(state);
            rest(taken.seconds() * REST).await;
        }
    }
}

/// Does a step of the pass, unless another replica does a pass; returns where to go on.
async fn once(state: &State, step: RetentionStep) -> Result<Option<RetentionStep>, StoreError> {
    let now = state.clock.now();
    match state.store.take_job("retention", now.plus_millis(LEASE_MILLIS), now).await? {
        true => state.store.retain(state.retention, step, now).await,
        false => Ok(None),
    }
}

#[expect(clippy::disallowed_methods, reason = "it waits for nothing: it leaves the store to others")]
async fn rest(seconds: f64) {
    sleep(Duration::from_secs_f64(seconds)).await;
}
