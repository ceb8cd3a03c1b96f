//! The only place that reads the time and draws random numbers.

use logcenter_core::Timestamp;
use std::hash::{BuildHasher, RandomState};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The current time, for reports.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn timestamp() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The current monotonic time.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A random number.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn random() -> u64 {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        // Nothing here is a secret, so a hasher's seed is good enough if the system has no randomness.
        Err(_) => RandomState::new().hash_one(bytes),
    }
}

/// Whether a file modified at this time is too old for its writer to be still working on it.
pub(crate) fn was_long_ago(changed: SystemTime) -> bool {
    changed.elapsed().is_ok_and(|age| age > std::time::Duration::from_secs(60))
}
