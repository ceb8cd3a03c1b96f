//! The panic hook.
//!
//! A panic in here would end the process, whatever is done to catch it. So nothing of the user's runs here: no `Display`, no
//! `before_send`; and nothing waits, unless the process is about to end.

use logcenter_client::{Incident, Level, Place, Request};
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

/// Where the standard library panics when a panic may not unwind any further: after the hook the process ends.
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
    if info.location().is_some_and(|location| location.file().ends_with(CANNOT_UNWIND)) {
        // The panic that cannot unwind was told before this; it only has to get out.
        logcenter_client::flush_dying();
        return;
    }
    let message = info.payload_as_str().unwrap_or("Box<dyn Any>");
    let mut incident = Incident::new("panic", &message).panic();
    if let Some(location) = info.location() {
        incident = incident.place(Place { file: location.file().to_owned().into(), line: location.line() });
    }
    if let Some(name) = thread_name() {
        incident = incident.context("thread", name);
    }
    Request::current(Request::set_reported);
    let incident = incident.with_stack();
    if cfg!(panic = "abort") {
        incident.level(Level::Critical).send_dying();
    } else {
        incident.send();
    }
}

/// The thread's name. A thread that ends has none any more, and must not be asked.
fn thread_name() -> Option<String> {
    thread_local!(static ALIVE: std::cell::Cell<()> = const { std::cell::Cell::new(()) });
    ALIVE.try_with(|_| std::thread::current().name().map(str::to_owned)).ok().flatten()
}
