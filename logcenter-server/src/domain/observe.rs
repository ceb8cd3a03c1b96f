//! What a report does to its issue. Every store asks this, so that all of them answer alike.

use logcenter_core::regression::{Fix, Occurrence};
use logcenter_core::{RegressionRule, Report, Status, Timestamp};

/// A report that was received.
#[derive(Debug)]
pub struct Arrival {
    /// What was reported.
    pub report: Report,
    /// When it came.
    pub received_at: Timestamp,
    /// Whether it came with a valid key.
    pub trusted: bool,
}

impl Arrival {
    /// When the error happened: as the client says, but not after it was received.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.report.timestamp.map_or(self.received_at, |at| at.min(self.received_at))
    }

    /// The release it names: version and commit.
    pub fn releases(&self) -> impl Iterator<Item = &str> {
        [self.report.version.as_deref(), self.report.commit_hash.as_deref()].into_iter().flatten()
    }
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The first of its issue.
    Reported {
        /// The new issue.
        id: i64,
    },
    /// One more of its issue, or one that was sent before.
    Deduplicated {
        /// The issue.
        id: i64,
        /// Where it stands.
        status: Status,
    },
    /// It reopened its issue.
    Regressed {
        /// The issue.
        id: i64,
    },
}

impl Outcome {
    /// The issue.
    #[must_use]
    pub const fn id(self) -> i64 {
        match self {
            Self::Reported { id } | Self::Deduplicated { id, .. } | Self::Regressed { id } => id,
        }
    }
}

/// What recording has to know of an issue.
#[derive(Debug, Clone)]
pub struct IssueState {
    /// Its number.
    pub id: i64,
    /// Where it stands.
    pub status: Status,
    /// Raised by status changes.
    pub revision: i64,
    /// Errors counted.
    pub count: i64,
    /// Reports accepted: the number of the latest event.
    pub events: i64,
    /// How often it came back.
    pub regressions: i64,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// When it became FIXED.
    pub fixed_at: Option<Timestamp>,
    /// Whether a pull request was recorded with the fix.
    pub pull_request: bool,
}

impl IssueState {
    /// An issue before its first report.
    #[must_use]
    pub const fn opened(id: i64, at: Timestamp) -> Self {
        Self {
            id,
            status: Status::New,
            revision: 1,
            count: 0,
            events: 0,
            regressions: 0,
            first_seen: at,
            last_seen: at,
            fixed_at: None,
            pull_request: false,
        }
    }

    /// Counts a report and reopens the issue if the rule says so. `known` tells whether a release had shown this
    /// issue before its fix.
    pub fn observe(
        &mut self,
        arrival: &Arrival,
        rule: RegressionRule,
        known: impl Fn(&str) -> bool,
    ) -> Outcome {
        let at = arrival.at();
        self.count += i64::from(arrival.report.count);
        self.events += 1;
        self.first_seen = self.first_seen.min(at);
        self.last_seen = self.last_seen.max(at);
        let fix = Fix { status: self.status, fixed_at: self.fixed_at, pull_request: self.pull_request };
        let occurrence = || Occurrence {
            identified: arrival.report.event_id.is_some(),
            timestamp: arrival.report.timestamp,
            known_release: arrival.releases().any(known),
        };
        if self.events == 1 {
            Outcome::Reported { id: self.id }
        } else if fix.status.has_fix() && rule.reopens(fix, occurrence()) {
            self.reopen();
            Outcome::Regressed { id: self.id }
        } else {
            Outcome::Deduplicated { id: self.id, status: self.status }
        }
    }

    fn reopen(&mut self) {
        self.status = Status::New;
        self.revision += 1;
        self.regressions += 1;
        self.fixed_at = None;
        self.pull_request = false;
    }
}
