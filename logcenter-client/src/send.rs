//! The path from a thread to the worker, through the program's single client.

use crate::client::Client;
use crate::global;
use crate::incident::Incident;
use crate::place::Place;
use crate::stack::Stack;

impl Incident {
    /// Captures the stack trace of the calling thread, if the configuration wants one for this incident.
    #[inline]
    pub fn with_stack(self) -> Self {
        let stack = Stack::wanted(self.0.is_panic, self.0.place.as_ref());
        self.stack(stack)
    }

    /// Captures the stack trace of the calling thread for an error that is only noted.
    pub(crate) fn with_stack_of_note(self) -> Self {
        let wanted = self
            .0
            .place
            .as_ref()
            .and_then(|place| global::with_client(|client| client.wants_stack_of_note(place)));
        let stack = wanted.unwrap_or(false).then(Stack::here);
        self.stack(stack)
    }

    /// Hands it to the worker. Without a client it is dropped; if the queue is full, it is counted as lost.
    pub fn send(self) {
        let mut incident = Some(self);
        let submit = |client: &Client| {
            if incident.as_ref().is_some_and(|incident| client.belongs_to_this_process_at(incident.0.at))
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

    /// Like [`send`](Self::send), from a process that is about to die: waits until the report is sent or spooled, up
    /// to [`Config::dying_timeout`](crate::Config::dying_timeout).
    pub fn send_dying(self) {
        if let Some(client) = global::client() {
            client.submit_dying(self);
        }
    }
}

impl Stack {
    /// Captures the caller's stack trace, if the configuration wants one for an error that occurred at `place`.
    #[must_use]
    pub fn of_error(place: &Place) -> Option<Self> {
        Self::wanted(false, Some(place))
    }

    /// Like [`of_error`](Self::of_error), but also for panics.
    fn wanted(is_panic: bool, place: Option<&Place>) -> Option<Self> {
        let wanted = global::with_client(|client| client.wants_stack(is_panic, place));
        wanted.unwrap_or(false).then(Self::here)
    }
}
