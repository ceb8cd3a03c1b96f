//! The panic hook.
//!
//! A panic inside the hook would end the process and cannot be caught. So no user code runs here (no `Display`, no
//! `before_send`), and nothing blocks unless the process is about to end.

use logcenter_client::{Incident, Level, Place, Request};
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

/// The standard library's messages when a panic that was already reported cannot unwind any further. After the hook,
/// the process ends.
const ALREADY_REPORTED: &[&str] =
    &["panic in a function that cannot unwind", "panic in a destructor during cleanup"];

/// The file where the standard library raises panics of its own that cannot unwind.
const CANNOT_UNWIND: &str = "core/src/panicking.rs";

/// Installs a panic hook that reports panics. The previous hook still runs, before it; so does one that is set later.
/// Calling this again has no effect.
///
/// ```no_run
/// logcenter_panic::install();
/// ```
pub fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(wrap);
}

/// Wraps whichever hook is installed.
fn wrap() {
    let (previous, replaced) = (take_hook(), Replaced);
    set_hook(Box::new(move |info| {
        previous(info);
        report(info);
        let _ = &replaced;
    }));
}

/// Dropped with the hook, when another one takes its place instead of wrapping it, as `color_eyre::install` does. That one
/// is wrapped in turn, so that panics are still reported.
struct Replaced;

impl Drop for Replaced {
    fn drop(&mut self) {
        // A hook cannot be set while its thread panics.
        if !std::thread::panicking() {
            wrap();
        }
    }
}

fn report(info: &PanicHookInfo<'_>) {
    if !logcenter_client::is_enabled() || logcenter_client::is_reporting_thread() {
        return;
    }
    let message = info.payload_as_str().unwrap_or("Box<dyn Any>");
    if ALREADY_REPORTED.contains(&message) {
        // The panic is already queued and only has to be flushed.
        return logcenter_client::flush_dying();
    }
    let ends = |file: &str| file.replace('\\', "/").ends_with(CANNOT_UNWIND);
    let dies = cfg!(panic = "abort") || info.location().is_some_and(|location| ends(location.file()));
    let mut incident = Incident::new("panic", &message).panic();
    if let Some(location) = info.location() {
        incident = incident.place(Place { file: location.file().to_owned().into(), line: location.line() });
    }
    if let Some(name) = thread_name() {
        incident = incident.context("thread", name);
    }
    // An event logged just before explains the panic, and would no longer be reported on its own.
    let logged = Request::current(|request| {
        request.set_reported();
        request.take_waiting()
    });
    if let Some(logged) = logged.flatten() {
        incident = incident.context("log", logged.message_ref());
    }
    let incident = incident.with_stack();
    if dies {
        incident.level(Level::Critical).send_dying();
    } else {
        incident.send();
    }
}

/// The thread's name. A thread that is ending no longer has one, and must not be asked for it.
fn thread_name() -> Option<String> {
    /// Has a destructor, so that it is gone when the thread's other locals are.
    struct Alive;
    impl Drop for Alive {
        fn drop(&mut self) {}
    }
    thread_local!(static ALIVE: Alive = const { Alive });
    ALIVE.try_with(|_| std::thread::current().name().map(str::to_owned)).ok().flatten()
}
