//! Sends batch after batch, and learns from the answers when to send the next.

use super::Worker;
use super::delivery::{self, Answer, Away, Sent, Transport};
use crate::stderr::warn_on_stderr;
use crate::{clock, enabled};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

impl Worker {
    /// The HTTP client for the server; certificates are read on first use.
    pub(super) fn transport(&mut self) -> Option<Transport> {
        if self.transport.is_none() {
            let key = self.client.config().key.clone();
            let opened = catch_unwind(AssertUnwindSafe(|| Transport::open(self.url.clone(), key.as_deref())));
            match opened.unwrap_or_else(|_| Err("cannot make requests".into())) {
                Ok(transport) => self.transport = Some(transport),
                Err(why) => {
                    if self.failures == 0 {
                        warn_on_stderr(&why);
                    }
                    return None;
                }
            }
        }
        self.transport.clone()
    }

    /// Sends the next batch, if it is due.
    pub(super) fn send_next(&mut self) {
        if self.in_flight.is_some() || self.not_before.is_some_and(|at| clock::now() < at) {
            return;
        }
        let Some(batch) = self.outbox.next() else {
            self.not_before = None;
            return;
        };
        let (body, number) = (delivery::body(batch), batch.len());
        match self.transport() {
            Some(transport) => self.in_flight = Some(Box::pin(transport.send(body, number))),
            None => self.failed(None),
        }
    }

    pub(super) fn on_sent(&mut self, sent: Sent) {
        self.in_flight = None;
        match sent {
            Sent::Answered(answers) => {
                let taken = self.outbox.finish(&answers, self.client.losses());
                self.client.add_delivered(taken);
                if answers.contains(&Answer::Retry) {
                    self.failed(None);
                } else {
                    (self.failures, self.not_before) = (0, None);
                }
                self.turned = None;
            }
            Sent::Refused => {
                self.turned = None;
                let refused = vec![Answer::Refused; delivery::BATCH];
                self.outbox.finish(&refused, self.client.losses());
                (self.failures, self.not_before) = (0, None);
            }
            Sent::Retry(pause) => {
                self.turned = None;
                self.failed(pause);
            }
            Sent::Turned(away) => {
                self.failed(None);
                self.turned_away(away);
            }
        }
    }

    /// Says once why nobody takes the reports. They are kept; a program that ends does not wait for a change of mind.
    fn turned_away(&mut self, away: Away) {
        let (url, is_default) = (&self.url, self.client.config().is_default_url);
        let why = match &away {
            Away::Answer(why) => Some(format!("reports are not taken at {url}: {why}")),
            // Whoever set no server and runs none wants no reports.
            Away::Nobody
                if is_default && self.client.config().spool.is_none() && self.client.delivered() == 0 =>
            {
                enabled::set(false);
                self.outbox.discard();
                Some(format!("off, since LOG_CENTER_URL is not set and nobody listens at {url}"))
            }
            Away::Nobody => None,
        };
        if self.turned.replace(away.clone()) != Some(away)
            && let Some(why) = why
        {
            warn_on_stderr(&why);
        }
    }

    fn failed(&mut self, pause: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        let pause = pause.unwrap_or_else(|| delivery::pause(self.failures, clock::random()));
        self.not_before = Some(clock::now() + pause);
        self.outbox.put_back();
    }
}
