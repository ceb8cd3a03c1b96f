//! What the page of an issue shows of its repair.

use crate::dashboard::ui::fault::Fault;
use crate::domain::repair::{Attempt, Repair};
use crate::domain::{HistoryEntry, IssueId};
use crate::state::State as Shared;
use logcenter_core::status::Role;
use logcenter_core::{Status, Timestamp};

/// Attempts shown on the page of an issue.
const ATTEMPTS: u32 = 20;

/// What the page of an issue shows of its repair.
pub(crate) struct RepairSection {
    pub(crate) repair: Repair,
    pub(crate) attempts: Vec<AttemptRow>,
    /// What the agents' last claim led to, oldest first: statuses, and when they were reached.
    pub(crate) steps: Vec<Step>,
    /// Whether a person can have it repaired.
    pub(crate) can_request: bool,
    now: Timestamp,
}

/// A status that an agent has brought the issue to.
pub(crate) struct Step {
    pub(crate) to: Status,
    pub(crate) at: Timestamp,
}

/// An attempt in a list.
pub(crate) struct AttemptRow {
    pub(crate) attempt: Attempt,
}

impl RepairSection {
    /// Reads what to show of an issue.
    pub(crate) async fn read(
        state: &Shared,
        id: IssueId,
        status: Status,
        history: &[HistoryEntry],
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let repair = state.store.repair(id).await?.ok_or(Fault::NotFound)?;
        let attempts = state.store.attempts(id, None, ATTEMPTS).await?.ok_or(Fault::NotFound)?;
        let attempts: Vec<_> = attempts.items.into_iter().map(|attempt| AttemptRow { attempt }).collect();
        let earlier = attempts.get(1).and_then(|row| row.attempt.ended_at);
        let is_step = |entry: &&HistoryEntry| {
            entry.actor.role == Role::Agent && earlier.is_none_or(|ended_at| entry.at > ended_at)
        };
        let steps =
            history.iter().rev().filter(is_step).map(|entry| Step { to: entry.to, at: entry.at }).collect();
        Ok(Self { repair, attempts, steps, can_request: status.is_open(), now })
    }

    /// How an agent is started, on a machine that has the project's tools.
    pub(crate) fn start_command(&self) -> &'static str {
        "logcenter repair doctor && logcenter repair run"
    }

    /// When it is offered again, if it has to wait.
    pub(crate) fn waits_until(&self) -> Option<Timestamp> {
        self.repair.not_before.filter(|at| *at > self.now)
    }

    /// Whether it says anything but that nobody has worked on the issue.
    pub(crate) fn is_empty(&self) -> bool {
        self.attempts.is_empty() && self.repair == Repair::default()
    }
}

impl AttemptRow {
    /// The key of the text for how it ended or, as long as it has not, how far it has come.
    pub(crate) fn result_key(&self) -> String {
        let Attempt { stage, verdict, ended_at, .. } = &self.attempt;
        match verdict.filter(|_| ended_at.is_some()) {
            Some(verdict) => format!("verdict.{verdict}"),
            None => format!("stage.{stage}"),
        }
    }

    /// How long it took, as `m:ss`.
    pub(crate) fn took(&self) -> Option<String> {
        let seconds = (self.attempt.ended_at?.millis() - self.attempt.started_at.millis()) / 1000;
        Some(format!("{}:{:02}", seconds / 60, seconds % 60))
    }

    /// What it cost, in US dollars.
    pub(crate) fn cost(&self) -> Option<String> {
        self.attempt.cost.usd.map(|usd| format!("${usd:.2}"))
    }
}
