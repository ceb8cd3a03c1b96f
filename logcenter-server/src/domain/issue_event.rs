//! Issue events: changes to issues, as announced to subscribers.

use super::ids::{FeedPosition, IssueId};
use std::fmt;
use std::str::FromStr;

/// What happened to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueEventKind {
    /// The first report was received.
    Created,
    /// More reports were counted.
    Counted,
    /// It was seen again after a fix.
    Regressed,
    /// Somebody changed its status.
    StatusChanged,
    /// A deployment included its fix.
    Deployed,
    /// It was deleted.
    Deleted,
}

impl IssueEventKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Created, Self::Counted, Self::Regressed, Self::StatusChanged, Self::Deployed, Self::Deleted];

    /// The name of this kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Counted => "counted",
            Self::Regressed => "regressed",
            Self::StatusChanged => "status_changed",
            Self::Deployed => "deployed",
            Self::Deleted => "deleted",
        }
    }
}

/// Not the name of an [`IssueEventKind`].
#[derive(Debug)]
pub struct UnknownIssueEventKind;

impl fmt::Display for UnknownIssueEventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is no kind of issue event")
    }
}

impl std::error::Error for UnknownIssueEventKind {}

impl FromStr for IssueEventKind {
    type Err = UnknownIssueEventKind;

    fn from_str(word: &str) -> Result<Self, UnknownIssueEventKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(UnknownIssueEventKind)
    }
}

/// A change to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssueEvent {
    /// Its position in the stream.
    pub position: FeedPosition,
    /// The issue.
    pub issue_id: IssueId,
    /// What happened.
    pub kind: IssueEventKind,
}

/// A section of the stream of issue events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueEvents {
    /// In the order in which they happened.
    pub events: Vec<IssueEvent>,
    /// The position to continue from.
    pub next: FeedPosition,
    /// Whether events after the requested position were not kept.
    pub missed: bool,
}
