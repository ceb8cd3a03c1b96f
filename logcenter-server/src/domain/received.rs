//! Received reports, and their outcomes.

use super::ids::IssueId;
use logcenter_core::{Report, Status, Timestamp};

/// A client's clock may be off by this much, which the way of a report may take.
const MAX_DRIFT_MILLIS: i64 = 60_000;

/// A report that was received.
#[derive(Debug, Clone)]
pub struct ReceivedReport {
    /// The report itself.
    pub report: Report,
    /// When it was received.
    pub received_at: Timestamp,
    /// Whether it came with a valid key.
    pub trusted: bool,
}

impl ReceivedReport {
    /// When the client says that the error happened. If its clock was off when it sent the report, by the server's clock.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        let timestamp = self.report.timestamp?;
        let drift = self.report.sent_at.map_or(0, |sent_at| self.received_at.millis() - sent_at.millis());
        Some(if drift.abs() > MAX_DRIFT_MILLIS { timestamp.plus_millis(drift) } else { timestamp })
    }

    /// When the error happened: as the client says, but not later than it was received.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.timestamp().map_or(self.received_at, |at| at.min(self.received_at))
    }

    /// The releases it names: version and commit.
    pub fn releases(&self) -> impl Iterator<Item = &str> {
        [self.report.version.as_deref(), self.report.commit_hash.as_deref()].into_iter().flatten()
    }
}

/// Result of recording a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It created a new issue.
    Created {
        /// The new issue.
        id: IssueId,
    },
    /// It was counted for an existing issue, or had been sent before.
    Deduplicated {
        /// The issue.
        id: IssueId,
        /// Its status.
        status: Status,
    },
    /// It reopened its issue.
    Regressed {
        /// The issue.
        id: IssueId,
    },
}

impl Outcome {
    /// The issue that the report belongs to.
    #[must_use]
    pub const fn id(self) -> IssueId {
        match self {
            Self::Created { id } | Self::Deduplicated { id, .. } | Self::Regressed { id } => id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_corrected() {
        let at = |sent_at: Option<&str>| {
            let sent_at = sent_at.map(str::to_owned);
            let draft = logcenter_core::report::Draft {
                project_id: "shop".into(),
                environment: "production".into(),
                level: "error".into(),
                timestamp: Some("2026-01-02T03:00:00Z".into()),
                sent_at,
                ..logcenter_core::report::Draft::default()
            };
            let received_at = Timestamp::parse("2026-01-02T04:00:30Z").unwrap();
            let received =
                ReceivedReport { report: draft.into_report().unwrap(), received_at, trusted: false };
            received.at().to_string()
        };
        assert_eq!(at(None), "2026-01-02T03:00:00.000Z");
        assert_eq!(at(Some("2026-01-02T04:00:00Z")), "2026-01-02T03:00:00.000Z");
        assert_eq!(at(Some("2026-01-02T03:00:10Z")), "2026-01-02T04:00:20.000Z");
        assert_eq!(at(Some("2026-01-02T05:00:30Z")), "2026-01-02T02:00:00.000Z");
        assert_eq!(at(Some("2026-01-02T02:00:00Z")), "2026-01-02T04:00:30.000Z");
    }
}
