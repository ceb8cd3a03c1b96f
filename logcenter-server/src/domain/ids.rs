//! Numeric ids, each with its own type so that they cannot be mixed up.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                text.parse().map(Self)
            }
        }
    };
}

number! {
    /// An issue. Never changes and is never reused.
    IssueId
}
number! {
    /// An event's number within its issue, starting at 1.
    EventNumber
}
number! {
    /// Number of status changes of an issue, plus 1. Counting an event does not increment it.
    Revision
}
number! {
    /// An ingest key.
    KeyId
}
number! {
    /// An attempt at repairing an issue.
    AttemptId
}
number! {
    /// Number of times an issue was claimed for repair.
    Epoch
}
number! {
    /// A token.
    TokenId
}
number! {
    /// A deployment. Later ones have higher numbers.
    DeploymentId
}
number! {
    /// A history entry. Later entries have higher numbers.
    HistoryId
}
number! {
    /// A position in the stream of issue events: everything up to and including it has been read.
    FeedPosition
}

impl Revision {
    /// The revision of a new issue.
    pub const FIRST: Self = Self(1);

    /// The revision after one more status change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
