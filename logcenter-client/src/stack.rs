//! The stack of the calling thread as raw addresses. Names, files and lines are resolved later, on the worker.

use std::fmt;

/// Maximum number of frames kept.
const FRAMES: usize = 64;

/// A thread's stack trace: addresses, innermost first.
///
/// ```
/// use logcenter_client::{Incident, Place, Stack};
///
/// let place = Place::from(std::panic::Location::caller());
/// let incident = Incident::new("Odd", &"it cannot be").stack(Stack::of_error(&place)).place(place);
/// incident.send();
/// ```
#[derive(Clone)]
pub struct Stack(pub(crate) Box<[usize]>);

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} frames", self.0.len())
    }
}

impl Stack {
    /// Captures the caller's stack.
    #[inline(never)]
    pub(crate) fn here() -> Self {
        let (mut addresses, mut number) = ([0; FRAMES], 0);
        walk(|address| {
            addresses[number] = address;
            number += 1;
            number < FRAMES
        });
        Self(addresses[..number].into())
    }
}

/// Avoids the lock of the `backtrace` crate: the worker holds it for tens of milliseconds when it reads debug
/// information for the first time, and a thread with an error must not wait for it.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the lock that makes it safe serves Windows alone")]
fn walk(mut keep: impl FnMut(usize) -> bool) {
    // SAFETY: on Unix this only unwinds with _Unwind_Backtrace, which several threads may do at once. The lock
    // serializes calls into Windows' dbghelp (documented at `backtrace::trace`), and no symbol is resolved here.
    unsafe { backtrace::trace_unsynchronized(|frame| keep(frame.ip().addr())) }
}

#[cfg(not(unix))]
fn walk(mut keep: impl FnMut(usize) -> bool) {
    backtrace::trace(|frame| keep(frame.ip().addr()));
}
