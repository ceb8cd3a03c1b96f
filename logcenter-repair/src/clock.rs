//! The only place that reads the time, waits and draws random numbers.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The current monotonic time. Nothing that a lease depends on reads the clock on the wall, which may be wrong.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Waits. For what nobody tells of: the next time to ask the server.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// 32 random hexadecimal digits, which nobody can guess.
///
/// # Errors
/// The system has no randomness.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn mark() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
