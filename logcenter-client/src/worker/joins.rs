//! A task or a thread panics, and the request that waits for it fails: one failure, seen by two threads. The panic knows
//! what happened and where, the request knows who asked.

use crate::incident::Incident;
use std::time::{Duration, Instant};

/// How long a panic waits for a request that fails because of it.
const HOLD: Duration = Duration::from_secs(1);

/// Maximum number of panics that wait.
const HELD: usize = 64;

/// Panics that a request may be waiting for.
#[derive(Debug, Default)]
pub(super) struct Joins {
    held: Vec<(Instant, Incident)>,
}

impl Joins {
    /// Returns what to report: the incident, completed by a panic that it tells of, or nothing yet.
    pub(super) fn pass(&mut self, incident: Incident, now: Instant) -> Option<Incident> {
        if let Some(at) = self.held.iter().rposition(|(_, panic)| tells_of(&incident, panic)) {
            let (since, panic) = self.held.remove(at);
            let joined = panic.joined_by(incident);
            // A task may itself have waited for another.
            return self.hold(since, joined);
        }
        self.hold(now, incident)
    }

    fn hold(&mut self, since: Instant, incident: Incident) -> Option<Incident> {
        if !incident.0.may_be_joined || self.held.len() >= HELD {
            return Some(incident);
        }
        self.held.push((since, incident));
        None
    }

    /// Takes the panics that nobody joined in time, or all of them.
    pub(super) fn release(&mut self, now: Instant, everything: bool) -> Vec<Incident> {
        let due = |since: &Instant| everything || now.duration_since(*since) >= HOLD;
        self.held.extract_if(.., |(since, _)| due(since)).map(|(_, panic)| panic).collect()
    }

    /// When the next one is due.
    pub(super) fn next_release(&self) -> Option<Instant> {
        self.held.iter().map(|(since, _)| *since + HOLD).min()
    }
}

/// Whether an incident repeats a panic: as tokio's `JoinError` says it, as `unwrap` does with what a thread's `join`
/// returned, or by unwinding further.
fn tells_of(incident: &Incident, panic: &Incident) -> bool {
    if incident.0.is_unwinding {
        return true;
    }
    let said = panic.message_ref();
    incident.0.chain.iter().any(|cause| {
        let text = &*cause.message;
        let is_join_error = text.contains("panicked with message") || text.contains("JoinError::Panic(");
        let is_any = text.ends_with("Any { .. }") || text.ends_with(" panicked");
        is_any || is_join_error && text.contains(said)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panic(message: &str) -> Incident {
        let mut incident = Incident::new("panic", &message).panic();
        incident.0.may_be_joined = true;
        incident
    }

    fn joined(message: &str) -> Incident {
        Incident::new("tokio::task::JoinError", &message).status(500)
    }

    #[test]
    fn a_request_that_waited_for_a_panic_completes_it() {
        let now = crate::clock::now();
        for (text, is_told) in [
            ("task 7 panicked with message \"boom\"", true),
            ("called `Result::unwrap()` on an `Err` value: JoinError::Panic(Id(7), \"boom\", ...)", true),
            ("called `Result::unwrap()` on an `Err` value: Any { .. }", true),
            ("task 7 panicked with message \"other\"", false),
            ("boom", false),
        ] {
            let mut joins = Joins::default();
            assert!(joins.pass(panic("boom"), now).is_none());
            let passed = joins.pass(joined(text), now).unwrap();
            assert!(passed.0.answer.is_some());
            assert_eq!(passed.message_ref() == "boom" && passed.0.is_panic, is_told, "{text}");
            assert_eq!(joins.release(now, true).len(), usize::from(!is_told), "{text}");
        }
    }

    #[test]
    fn a_panic_that_nobody_joins_is_reported_after_a_while() {
        let now = crate::clock::now();
        let mut joins = Joins::default();
        assert!(joins.pass(panic("boom"), now).is_none());
        assert_eq!(joins.next_release(), Some(now + HOLD));
        assert_eq!(joins.release(now + HOLD / 2, false).len(), 0);
        assert_eq!(joins.release(now + HOLD, false).len(), 1);
        assert_eq!(joins.next_release(), None);
    }
}
