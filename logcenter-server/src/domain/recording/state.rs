//! What recording needs to know about an issue, and what one report changes.

use crate::domain::change::Standing;
use crate::domain::fix::Fix;
use crate::domain::history::{Actor, HistoryEntry};
use crate::domain::ids::{EventNumber, IssueId, Revision};
use crate::domain::received::{Outcome, ReceivedReport};
use crate::domain::text::{CommitHash, Note};
use logcenter_core::regression::{FixedIssue, Occurrence};
use logcenter_core::{RegressionRule, Status, Timestamp};

/// When an issue was first seen in a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRelease {
    /// A version or a commit.
    pub release: String,
    /// When the issue was first reported for it.
    pub first_seen: Timestamp,
}

/// What recording needs to know about an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueState {
    /// Its id.
    pub id: IssueId,
    /// Its status.
    pub status: Status,
    /// Incremented by status changes.
    pub revision: Revision,
    /// Number of events; a report adds its `count`.
    pub count: i64,
    /// Number of accepted reports: the number of the latest event.
    pub events: EventNumber,
    /// How often it was seen again after a fix.
    pub regressions: i64,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// Its fix.
    pub fix: Option<Fix>,
    /// The version of its latest event.
    pub version: Option<Box<str>>,
    /// The commit of its latest event.
    pub commit_hash: Option<Box<str>>,
}

impl IssueState {
    /// An issue before its first report.
    #[must_use]
    pub const fn new(id: IssueId, at: Timestamp) -> Self {
        Self {
            id,
            status: Status::New,
            revision: Revision::FIRST,
            count: 0,
            events: EventNumber(0),
            regressions: 0,
            first_seen: at,
            last_seen: at,
            fix: None,
            version: None,
            commit_hash: None,
        }
    }

    /// The part of the issue that a status change depends on.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing { status: self.status, revision: self.revision, fix: self.fix.clone() }
    }

    /// Whether the outcome of a report depends on the releases of the issue; only then they need to be loaded.
    #[must_use]
    pub fn depends_on_releases(&self, rule: RegressionRule) -> bool {
        let is_merged = self.status == Status::Verified && self.fix.as_ref().is_some_and(Fix::is_published);
        self.status.has_fix() && (rule == RegressionRule::NewRelease || is_merged)
    }

    fn regresses(&self, report: &ReceivedReport, rule: RegressionRule, releases: &[SeenRelease]) -> bool {
        let Some(fix) = self.fix.as_ref().filter(|_| self.status.has_fix()) else { return false };
        let had_shown_it =
            |name: &str| releases.iter().any(|seen| seen.release == name && seen.first_seen < fix.since);
        let fixed = FixedIssue {
            status: self.status,
            fixed_at: Some(fix.since),
            published: fix.is_published(),
            verified_at: fix.verified_at,
        };
        let occurrence = Occurrence {
            identified: report.report.event_id.is_some(),
            timestamp: report.timestamp(),
            received_at: report.received_at,
            names_release: report.releases().next().is_some(),
            known_release: report.releases().any(had_shown_it),
        };
        rule.reopens(fixed, occurrence)
    }

    fn reopen(&mut self, report: &ReceivedReport) -> HistoryEntry {
        let entry = HistoryEntry {
            from: self.status,
            to: Status::New,
            actor: Actor::server(),
            note: Some(Note::cut("Regression detected")),
            at: report.received_at,
            forced: false,
            commit_hash: report.report.commit_hash.as_deref().map(CommitHash::cut),
            pull_request_url: None,
        };
        let transition = self.standing().moved(entry);
        let Standing { status, revision, fix } = transition.after;
        (self.status, self.revision, self.fix) = (status, revision, fix);
        self.regressions += 1;
        transition.entry
    }

    /// Counts a report. Returns its outcome, and a history entry if it changed the status.
    pub(super) fn apply(
        &mut self,
        report: &ReceivedReport,
        rule: RegressionRule,
        releases: &[SeenRelease],
    ) -> (Outcome, Option<HistoryEntry>) {
        let at = report.at();
        self.count += i64::from(report.report.count);
        self.events.0 += 1;
        self.first_seen = self.first_seen.min(at);
        self.last_seen = self.last_seen.max(at);
        let id = self.id;
        if self.events == EventNumber(1) {
            (Outcome::Created { id }, None)
        } else if self.regresses(report, rule, releases) {
            (Outcome::Regressed { id }, Some(self.reopen(report)))
        } else {
            (Outcome::Deduplicated { id, status: self.status }, None)
        }
    }
}
