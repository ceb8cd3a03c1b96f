//! The guard that ends reporting.

use crate::client::Client;
use crate::global;
use crate::losses::Lost;
use crate::stderr::warn_on_stderr;
use std::sync::Arc;
use std::time::Duration;

/// Reports are sent until this is dropped. Dropping it waits for queued reports, up to
/// [`Config::shutdown_timeout`](crate::Config::shutdown_timeout).
///
/// ```
/// use logcenter_client::{Config, init, message, Level};
/// use std::time::Duration;
///
/// let guard = init(Config::new("http://127.0.0.1:9", "shop").shutdown_timeout(Duration::from_millis(50)));
/// message(Level::Error, "nobody listens").send();
/// assert_eq!(guard.stats().delivered, 0);
/// ```
#[derive(Debug)]
#[must_use = "dropped at once, it ends reporting at once: let _guard = init(…)"]
pub struct Guard {
    client: Option<Arc<Client>>,
}

/// Reporting statistics so far.
///
/// ```
/// let guard = logcenter_client::init(logcenter_client::Config::from_env());
/// let stats = guard.stats();
/// println!("{} delivered, {} on their way", stats.delivered, stats.queued);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Reports accepted by the server.
    pub delivered: u64,
    /// Incidents waiting for the worker.
    pub queued: usize,
    /// Reports that were lost, by reason.
    pub lost: Lost,
}

impl Guard {
    pub(crate) fn of(client: Option<Arc<Client>>) -> Self {
        Self { client }
    }

    /// The client; in a forked child the child's own, because the parent's worker does not exist there.
    fn own(&self) -> Option<Arc<Client>> {
        let client = self.client.as_ref()?;
        if client.belongs_to_this_process() { Some(Arc::clone(client)) } else { global::client() }
    }

    /// Whether reporting is enabled.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.client.is_some()
    }

    /// Sends what is queued, for at most `timeout`. Returns whether all of it was delivered or spooled.
    pub fn flush(&self, timeout: Duration) -> bool {
        self.own().is_none_or(|client| client.flush(timeout))
    }

    /// Reporting statistics so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.own().map_or_else(Stats::default, |client| Stats {
            delivered: client.delivered(),
            queued: client.queue().len(),
            lost: client.losses().so_far(),
        })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(client) = self.own() else { return };
        if let Some(inherited) = self.client.take()
            && !inherited.belongs_to_this_process()
        {
            // The parent's client is leaked: its locks may be held by threads that do not exist here.
            std::mem::forget(inherited);
        }
        global::remove(&client);
        let timeout = client.config().shutdown_timeout;
        // The worker ends a little earlier, so that it can still spool what it could not send, and say so.
        let reserve = (timeout / 5).min(Duration::from_millis(100));
        client.queue().stop(timeout - reserve).wait(timeout);
        let lost = client.losses().so_far();
        if lost.total() > 0 {
            warn_on_stderr(&format!("{} were lost: {lost:?}", lost.total()));
        }
    }
}
