//! The program's single client.

use crate::client::Client;
use crate::enabled::{self, is_enabled};
use crate::http_client::ServerUrl;
use crate::worker;
use arc_swap::ArcSwapOption;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static WANTS_HEADERS: AtomicBool = AtomicBool::new(false);
static CLIENT: ArcSwapOption<Client> = ArcSwapOption::const_empty();

/// Whether the configuration names any headers.
#[inline]
pub(crate) fn wants_headers() -> bool {
    WANTS_HEADERS.load(Ordering::Relaxed)
}

/// Sends what is queued, for at most `timeout`. Returns whether all of it was delivered or spooled. (An event inside a
/// request that a middleware watches waits for the end of that request, and is not included.) For places without
/// access to the [`Guard`](crate::Guard), such as before `std::process::exit`.
///
/// ```no_run
/// logcenter_client::flush(std::time::Duration::from_secs(2));
/// std::process::exit(1);
/// ```
pub fn flush(timeout: Duration) -> bool {
    client().is_none_or(|client| client.flush(timeout))
}

/// For a panic hook, when the process is about to end: sends or spools what was reported, within
/// [`Config::dying_timeout`](crate::Config::dying_timeout).
///
/// ```no_run
/// std::panic::set_hook(Box::new(|panic| {
///     eprintln!("{panic}");
///     logcenter_client::flush_dying();
///     std::process::abort();
/// }));
/// ```
pub fn flush_dying() {
    if let Some(client) = client() {
        client.flush_dying();
    }
}

/// Runs `ask` on the client, if there is one. Cheaper than holding a reference to it.
pub(crate) fn with_client<R>(ask: impl FnOnce(&Client) -> R) -> Option<R> {
    if !is_enabled() {
        return None;
    }
    CLIENT.load().as_deref().map(ask)
}

/// The client of this process, if there is one.
pub(crate) fn client() -> Option<Arc<Client>> {
    if !is_enabled() {
        return None;
    }
    let client = CLIENT.load_full()?;
    if client.belongs_to_this_process() { Some(client) } else { restart() }
}

/// Starts a client's worker.
pub(crate) fn start(client: Arc<Client>, url: ServerUrl) -> Result<Arc<Client>, String> {
    worker::start(Arc::clone(&client), url).map_err(|error| format!("its thread cannot start: {error}"))?;
    Ok(client)
}

/// Makes this the program's client.
pub(crate) fn install(client: &Arc<Client>) {
    WANTS_HEADERS.store(!client.config().headers.is_empty(), Ordering::Relaxed);
    CLIENT.store(Some(Arc::clone(client)));
    enabled::set(true);
}

/// After a fork: starts the child's own client, because the worker thread stayed with the parent.
#[cold]
pub(crate) fn restart() -> Option<Arc<Client>> {
    if !is_enabled() {
        return None;
    }
    let parents = CLIENT.load_full()?;
    if parents.belongs_to_this_process() {
        return Some(parents);
    }
    let own = Client::new(parents.config().clone()).and_then(|(client, url)| start(client, url)).ok();
    // The parent's client is leaked: its locks may be held by threads that do not exist here.
    std::mem::forget(CLIENT.swap(own.clone()));
    std::mem::forget(parents);
    own
}

/// Stops reporting to this client.
pub(crate) fn remove(client: &Arc<Client>) {
    let current = CLIENT.load();
    if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, client)) {
        enabled::set(false);
        CLIENT.store(None);
    }
}
