//! The way from a thread to the worker: what the program's one client is asked and handed.

use crate::client::Client;
use crate::global;
use crate::incident::Incident;
use crate::place::Place;
use crate::stack::Stack;

impl Incident {
    /// Takes the stack of the calling thread, if the configuration wants one for this.
    #[inline]
    pub fn with_stack(self) -> Self {
        let stack = Stack::wanted(self.0.is_panic, self.0.place.as_ref());
        self.stack(stack)
    }

    /// Hands it to the worker. Without one, and when the queue is full, it is gone (and counted as lost).
    pub fn send(self) {
        let mut incident = Some(self);
        let submit = |client: &Client| {
            if incident.as_ref().is_some_and(|incident| client.is_of_this_process_at(incident.0.at))
                && let Some(incident) = incident.take()
            {
                client.submit(incident);
            }
        };
        global::with_client(submit);
        if let Some(incident) = incident
            && let Some(client) = global::restart()
        {
            client.submit(incident);
        }
    }

    /// As [`send`](Self::send), from a process that is about to die: waits until it is sent or kept in the spool, up to
    /// [`Config::dying_timeout`](crate::Config::dying_timeout).
    pub fn send_dying(self) {
        if let Some(client) = global::client() {
            client.submit_dying(self);
        }
    }
}

impl Stack {
    /// Where the caller is now, if the configuration wants that for an error that arose at `place`.
    #[must_use]
    pub fn of_error(place: &Place) -> Option<Self> {
        Self::wanted(false, Some(place))
    }

    /// As [`of_error`](Self::of_error), of a panic.
    fn wanted(is_panic: bool, place: Option<&Place>) -> Option<Self> {
        let wanted = global::with_client(|client| client.wants_stack(is_panic, place));
        wanted.unwrap_or(false).then(Self::here)
    }
}
