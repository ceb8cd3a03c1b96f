//! Whether reporting is enabled, for everything that should cost nothing while it is not.

use std::sync::atomic::{AtomicBool, Ordering};

static ENABLED: AtomicBool = AtomicBool::new(false);

/// Whether reporting is enabled. Costs a nanosecond.
///
/// ```
/// assert!(!logcenter_client::is_enabled());
/// ```
#[must_use]
#[inline]
pub fn is_enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// Turns reporting on or off.
pub(crate) fn set(enabled: bool) {
    ENABLED.store(enabled, Ordering::Release);
}
