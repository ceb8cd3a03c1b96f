//! Wrong tokens, counted, so that nobody can go on guessing.

use logcenter_core::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often a client may be wrong in a minute.
const FAILURES: u32 = 10;

/// Clients that are remembered. Should more be wrong in one minute, all of them begin anew.
const CLIENTS: usize = 10_000;

const MINUTE_MILLIS: i64 = 60_000;

/// Who was wrong how often in the current minute. Clients without an address count as one.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<(i64, HashMap<Option<IpAddr>, u32>)>);

impl Attempts {
    fn of_minute(&self, now: Timestamp) -> MutexGuard<'_, (i64, HashMap<Option<IpAddr>, u32>)> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.millis() / MINUTE_MILLIS;
        if counted.0 != minute || counted.1.len() > CLIENTS {
            *counted = (minute, HashMap::new());
        }
        counted
    }

    /// Whether a client may try now.
    pub(crate) fn may_try(&self, client: Option<IpAddr>, now: Timestamp) -> bool {
        self.of_minute(now).1.get(&client).is_none_or(|&failures| failures < FAILURES)
    }

    /// A client was wrong.
    pub(crate) fn failed(&self, client: Option<IpAddr>, now: Timestamp) {
        *self.of_minute(now).1.entry(client).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_wrong_too_often_waits_for_the_next_minute() {
        let attempts = Attempts::default();
        let (one, other) = (Some([192, 0, 2, 1].into()), Some([192, 0, 2, 2].into()));
        let now = Timestamp::from_millis(1_767_323_045_000);
        for _ in 0..FAILURES {
            assert!(attempts.may_try(one, now));
            attempts.failed(one, now);
        }
        assert!(!attempts.may_try(one, now));
        assert!(attempts.may_try(other, now));
        assert!(attempts.may_try(one, Timestamp::from_millis(now.millis() + MINUTE_MILLIS)));
    }
}
