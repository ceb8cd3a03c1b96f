//! What the page of an issue shows of its repair.

use crate::dashboard::ui::fault::Fault;
use crate::domain::IssueId;
use crate::domain::repair::{Attempt, Repair};
use crate::state::State as Shared;
use logcenter_core::{Status, Timestamp};

/// Attempts shown on the page of an issue.
const ATTEMPTS: u32 = 20;

/// What the page of an issue shows of its repair.
pub(crate) struct RepairSection {
    pub(crate) repair: Repair,
    pub(crate) attempts: Vec<AttemptRow>,
    /// Whether a person can have it repaired.
    pub(crate) can_request: bool,
    now: Timestamp,
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
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let repair = state.store.repair(id).await?.ok_or(Fault::NotFound)?;
        let attempts = state.store.attempts(id, None, ATTEMPTS).await?.ok_or(Fault::NotFound)?;
        let attempts = attempts.items.into_iter().map(|attempt| AttemptRow { attempt }).collect();
        Ok(Self { repair, attempts, can_request: status.is_open(), now })
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
