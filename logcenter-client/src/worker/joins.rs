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
        let of_this = |(_, panic): &(Instant, Incident)| may_be_of(&incident, panic);
        let told = self.held.iter().rposition(|held| of_this(held) && tells_of(&incident, &held.1));
        // What does not say which panic it was can only be the one there is.
        let only = || {
            let mut candidates = self.held.iter().enumerate().filter(|(_, held)| of_this(held));
            let (at, _) = candidates.next()?;
            (is_vague(&incident) && candidates.next().is_none()).then_some(at)
        };
        if let Some(at) = told.or_else(only) {
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

/// Whether both may belong to one request: a task that carries a request along knows which.
fn may_be_of(incident: &Incident, panic: &Incident) -> bool {
    match (&incident.0.request, &panic.0.request) {
        (Some(one), Some(other)) => {
            (&one.method, &one.target, &one.request_id) == (&other.method, &other.target, &other.request_id)
        }
        _ => true,
    }
}

/// Whether an incident says which panic it repeats, as tokio's `JoinError` does: the message in quotes.
fn tells_of(incident: &Incident, panic: &Incident) -> bool {
    let said = panic.message_ref();
    let quoted = format!("{said:?}");
    // Longer texts may have been cut.
    let telling = &quoted[..quoted.floor_char_boundary(SAID)];
    !said.is_empty()
        && incident.0.chain.iter().any(|cause| {
            let text = &*cause.message;
            let is_join_error = text.contains("panicked with message") || text.contains("JoinError::Panic(");
            is_join_error && text.contains(telling)
        })
}

/// Whether an incident repeats some panic without saying which: by unwinding further, or as `unwrap` does with what a
/// thread's `join` returned.
fn is_vague(incident: &Incident) -> bool {
    incident.0.is_unwinding || incident.0.chain.iter().any(|cause| cause.message.ends_with("Any { .. }"))
}

/// How much of a panic's message must be repeated, in bytes.
const SAID: usize = 200;

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
            ("task 7 panicked with message \"boom, too\"", false),
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

    #[test]
    fn a_message_with_quotes_is_recognised_and_what_is_vague_joins_no_one_of_two() {
        let now = crate::clock::now();
        let said = "called `Result::unwrap()` on an `Err` value: Os { message: \"No such file\" }";
        let mut joins = Joins::default();
        assert!(joins.pass(panic(said), now).is_none());
        assert!(joins.pass(panic("another"), now).is_none());
        let told = joins.pass(joined(&format!("task 7 panicked with message {said:?}")), now).unwrap();
        assert_eq!(told.message_ref(), said);
        assert!(joins.pass(panic("a third"), now).is_none());
        let vague = joined("called `Result::unwrap()` on an `Err` value: Any { .. }");
        assert!(!joins.pass(vague, now).unwrap().0.is_panic);
        assert_eq!(joins.release(now, true).len(), 2);
    }
}
