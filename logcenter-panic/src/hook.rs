//! The panic hook.
//!
//! A panic in here would end the process, whatever is done to catch it. So nothing of the user's runs here: no `Display`, no
//! `before_send`; and nothing waits, unless the process is about to end.

use logcenter_client::{Incident, Level, Place, Request};
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

/// What the standard library says when a panic that was told before cannot unwind any further; after the hook the process ends.
const TOLD_BEFORE: &[&str] =
    &["panic in a function that cannot unwind", "panic in a destructor during cleanup"];

/// Where it panics by itself without unwinding.
const CANNOT_UNWIND: &str = "core/src/panicking.rs";

/// Reports panics from now on. The hook that was there before still runs, first. To call it again changes nothing.
///
/// ```no_run
/// logcenter_panic::install();
/// ```
pub fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            previous(info);
            report(info);
        }));
    });
}

fn report(info: &PanicHookInfo<'_>) {
    if !logcenter_client::is_enabled() || logcenter_client::is_reporting_thread() {
        return;
    }
    let message = info.payload_as_str().unwrap_or("Box<dyn Any>");
    if TOLD_BEFORE.contains(&message) {
        // It only has to get out.
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
    // What was logged just before says more of it, and would not be told by itself any more.
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

/// The thread's name. A thread that ends has none any more, and must not be asked.
fn thread_name() -> Option<String> {
    /// Has something to drop, so that it is gone when the thread's others are.
    struct Alive;
    impl Drop for Alive {
        fn drop(&mut self) {}
    }
    thread_local!(static ALIVE: Alive = const { Alive });
    ALIVE.try_with(|_| std::thread::current().name().map(str::to_owned)).ok().flatten()
}
