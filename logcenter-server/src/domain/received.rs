//! A report on its way in, and what became of it.

use super::ids::IssueId;
use logcenter_core::{Report, Status, Timestamp};

/// A report that was received.
#[derive(Debug)]
pub struct ReceivedReport {
    /// What was reported.
    pub report: Report,
    /// When it came.
    pub received_at: Timestamp,
    /// Whether it came with a valid key.
    pub trusted: bool,
}

impl ReceivedReport {
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
    /// It is the first of its issue.
    Created {
        /// The new issue.
        id: IssueId,
    },
    /// It is one more of its issue, or was sent before.
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
    /// The issue.
    #[must_use]
    pub const fn id(self) -> IssueId {
        match self {
            Self::Created { id } | Self::Deduplicated { id, .. } | Self::Regressed { id } => id,
        }
    }
}
