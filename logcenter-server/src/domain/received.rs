//! Received reports, and their outcomes.

use super::ids::IssueId;
use logcenter_core::{Report, Status, Timestamp};

/// A report that was received.
#[derive(Debug)]
pub struct ReceivedReport {
    /// The report itself.
    pub report: Report,
    /// When it was received.
    pub received_at: Timestamp,
    /// Whether it came with a valid key.
    pub trusted: bool,
}

impl ReceivedReport {
    /// When the error happened: as the client says, but not later than it was received.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.report.timestamp.map_or(self.received_at, |at| at.min(self.received_at))
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
