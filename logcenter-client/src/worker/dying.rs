//! What a dying process still sends.

use super::Worker;
use super::delivery::{self, Answer, Sent};
use crate::incident::Incident;
use crate::losses::Reason;
use crate::queue::Latch;
use std::sync::Arc;

/// Reports of a dying process, the answers to them, and the latch of the thread that waits for them.
pub(super) type Died = (Vec<String>, Vec<Answer>, Arc<Latch>);

impl Worker {
    /// Sends everything at once, in parallel with the batch in flight, because the process is about to end. What
    /// cannot be sent in time goes to the spool.
    pub(super) fn send_dying(&mut self, incident: Option<Incident>, done: Arc<Latch>) {
        if let Some(report) = incident.and_then(|incident| self.compose(incident)) {
            self.ready(&report);
        }
        let mut reports = self.outbox.take_all();
        // A batch cannot hold more; the newest reports show what the process dies of.
        let mut bytes = 0;
        let newest = reports.iter().rev().take(delivery::BATCH).take_while(|report| {
            bytes += report.len();
            bytes <= delivery::BATCH_BYTES
        });
        let older = reports.len() - newest.count().max(1).min(reports.len());
        for report in reports.drain(..older) {
            self.outbox.keep(&report, self.client.losses());
        }
        let Some(transport) = self.transport() else {
            reports.iter().for_each(|report| self.outbox.keep(report, self.client.losses()));
            return done.open();
        };
        // Leaves time for the spool.
        let within = self.client.config().dying_timeout.mul_f32(0.8);
        self.dying.spawn(async move {
            let sent =
                tokio::time::timeout(within, transport.send(delivery::body(&reports), reports.len())).await;
            let answers = match sent {
                Ok(Sent::Answered(answers)) => answers,
                _ => vec![Answer::Retry; reports.len()],
            };
            (reports, answers, done)
        });
    }

    pub(super) fn finish_dying(&mut self, died: Result<Died, tokio::task::JoinError>) {
        let Ok((reports, answers, done)) = died else { return self.client.losses().add(Reason::Panicked, 1) };
        for (report, answer) in reports.iter().zip(answers) {
            match answer {
                Answer::Accepted => self.client.add_delivered(1),
                Answer::Refused => self.client.losses().add(Reason::Refused, 1),
                Answer::Retry => self.outbox.keep(report, self.client.losses()),
            }
        }
        done.open();
    }
}
