//! The end of reporting.

use crate::client::Client;
use crate::global;
use crate::losses::Lost;
use crate::stderr::complain;
use std::sync::Arc;
use std::time::Duration;

/// Reports are sent until this is dropped, which waits for those that are queued, up to
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

/// How reporting went so far.
///
/// ```
/// let guard = logcenter_client::init(logcenter_client::Config::from_env());
/// let stats = guard.stats();
/// println!("{} delivered, {} on their way", stats.delivered, stats.queued);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Reports that the server took.
    pub delivered: u64,
    /// Incidents that wait for the worker.
    pub queued: usize,
    /// Reports that were lost, by reason.
    pub lost: Lost,
}

impl Guard {
    pub(crate) fn of(client: Option<Arc<Client>>) -> Self {
        Self { client }
    }

    /// The client; in a forked child the child's own, since the parent's worker is not there.
    fn own(&self) -> Option<Arc<Client>> {
        let client = self.client.as_ref()?;
        if client.is_of_this_process() { Some(Arc::clone(client)) } else { global::client() }
    }

    /// Whether anything is reported.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.client.is_some()
    }

    /// Sends what waits, for at most so long; whether all of it is delivered or in the spool.
    pub fn flush(&self, timeout: Duration) -> bool {
        self.own().is_none_or(|client| client.flush(timeout))
    }

    /// How reporting went so far.
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
            && !inherited.is_of_this_process()
        {
            // The parent's is left as it is: its locks may be held by threads that do not exist here.
            std::mem::forget(inherited);
        }
        global::remove(&client);
        let timeout = client.config().shutdown_timeout;
        // The worker ends a little earlier, so that it can still spool, and say, what it could not send.
        let reserve = (timeout / 5).min(Duration::from_millis(100));
        client.queue().stop(timeout - reserve).wait(timeout);
        let lost = client.losses().so_far();
        if lost.total() > 0 {
            complain(&format!("{} were lost: {lost:?}", lost.total()));
        }
    }
}
