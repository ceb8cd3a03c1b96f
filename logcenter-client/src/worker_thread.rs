//! Identifies the client's own thread.

use std::cell::Cell;

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is the client's own thread. What goes wrong there must not be reported, or it would loop forever.
///
/// ```
/// fn log(text: &str) {
///     if !logcenter_client::is_reporting_thread() {
///         logcenter_client::message(logcenter_client::Level::Error, text).send();
///     }
/// }
/// ```
#[must_use]
pub fn is_current_thread() -> bool {
    IS_WORKER.try_with(Cell::get).unwrap_or(true)
}

/// Marks the current thread as the client's own.
pub(crate) fn enter() {
    IS_WORKER.set(true);
}
