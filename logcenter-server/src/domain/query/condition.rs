//! What a query asks of an issue.

use super::Key;
use crate::domain::{Issue, StateCount};
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};

/// What an issue must be, or must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether those that fit are left out.
    pub excluded: bool,
    /// What is asked. Of several values, one must fit.
    pub test: Test,
}

/// A question about an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Whether a text is in type, message or file. Case-insensitive for ASCII letters only, as are those of `File` and `Type`.
    Text(String),
    /// Whether it is in a state.
    Is(Vec<Is>),
    /// Its status.
    Status(Vec<Status>),
    /// Its project.
    Project(Vec<ProjectId>),
    /// Whether it was seen in an environment.
    Environment(Vec<String>),
    /// Its source.
    Source(Vec<Source>),
    /// The level of its latest event.
    Level(Vec<Level>),
    /// Whether it was seen in a version or a commit.
    Version(Vec<String>),
    /// Parts of its file's path.
    File(Vec<String>),
    /// Parts of its error's type.
    Type(Vec<String>),
    /// Whether it was last seen at or after this time.
    Since(Timestamp),
    /// Whether it was last seen before this time.
    Until(Timestamp),
    /// Whether it was first seen at or after this time.
    First(Timestamp),
    /// Its number of events.
    Count(Comparison, i64),
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

impl Comparison {
    /// How it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }
}

/// A state with a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    /// It still needs work.
    Open,
    /// It needs no work.
    Closed,
    /// No work has started, and it has never regressed.
    New,
    /// It is open again after a fix.
    Regressed,
    /// Somebody reproduces or fixes it, or is about to.
    InRepair,
    /// It is fixed, and the fix is not deployed.
    WaitingForDeploy,
}

impl Is {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::New, Self::Regressed, Self::InRepair, Self::WaitingForDeploy, Self::Closed];

    /// How it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::New => "new",
            Self::Regressed => "regressed",
            Self::InRepair => "in-repair",
            Self::WaitingForDeploy => "waiting-for-deploy",
        }
    }

    /// Whether an issue with this status may be in the state.
    #[must_use]
    pub const fn may_be(self, status: Status) -> bool {
        match self {
            Self::Open | Self::Regressed => status.is_open(),
            Self::Closed => !status.is_open(),
            Self::New => matches!(status, Status::New),
            Self::InRepair => matches!(status, Status::Verifying | Status::PendingFix | Status::Fixing),
            Self::WaitingForDeploy => matches!(status, Status::Fixed | Status::Verified),
        }
    }

    /// How many issues are in the state.
    #[must_use]
    pub fn count(self, counts: &[StateCount]) -> i64 {
        let of_status = counts.iter().filter(|count| self.may_be(count.status));
        let number = |count: &StateCount| match self.has_regressed() {
            None => count.issues,
            Some(true) => count.regressed,
            Some(false) => count.issues - count.regressed,
        };
        of_status.map(number).sum()
    }

    /// Whether it must have regressed, or must not have.
    #[must_use]
    pub const fn has_regressed(self) -> Option<bool> {
        match self {
            Self::Regressed => Some(true),
            Self::New => Some(false),
            Self::Open | Self::Closed | Self::InRepair | Self::WaitingForDeploy => None,
        }
    }
}

impl Test {
    /// The key that it is written with; a text has none.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        Some(match self {
            Self::Text(_) => return None,
            Self::Is(_) => Key::Is,
            Self::Status(_) => Key::Status,
            Self::Project(_) => Key::Project,
            Self::Environment(_) => Key::Env,
            Self::Source(_) => Key::Source,
            Self::Level(_) => Key::Level,
            Self::Version(_) => Key::Version,
            Self::File(_) => Key::File,
            Self::Type(_) => Key::Type,
            Self::Since(_) => Key::Since,
            Self::Until(_) => Key::Until,
            Self::First(_) => Key::First,
            Self::Count(..) => Key::Count,
        })
    }

    /// Whether it has a single value.
    #[must_use]
    pub const fn is_single(&self) -> bool {
        1 == match self {
            Self::Is(all) => all.len(),
            Self::Status(all) => all.len(),
            Self::Project(all) => all.len(),
            Self::Source(all) => all.len(),
            Self::Level(all) => all.len(),
            Self::Environment(all) | Self::Version(all) | Self::File(all) | Self::Type(all) => all.len(),
            Self::Text(_) | Self::Since(_) | Self::Until(_) | Self::First(_) | Self::Count(..) => 1,
        }
    }

    /// The condition that an issue fits it.
    #[must_use]
    pub const fn wanted(self) -> Condition {
        Condition { excluded: false, test: self }
    }
}

impl Condition {
    /// Whether an issue fits, as far as its row tells; `None` for environments and versions. Every store must give this answer,
    /// however it finds it.
    #[must_use]
    pub fn holds(&self, issue: &Issue) -> Option<bool> {
        let has = |text: Option<&str>, part: &str| {
            text.is_some_and(|text| text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()))
        };
        let (error_type, file) = (Some(&*issue.error.error_type), issue.error.file_path.as_deref());
        let holds = match &self.test {
            Test::Text(text) => {
                [error_type, Some(&*issue.error.message), file].iter().any(|place| has(*place, text))
            }
            Test::Is(states) => states.iter().any(|is| {
                is.may_be(issue.status) && is.has_regressed().is_none_or(|has| has == (issue.regressions > 0))
            }),
            Test::Status(all) => all.contains(&issue.status),
            Test::Project(all) => all.contains(&issue.project_id),
            Test::Source(all) => all.contains(&issue.source),
            Test::Level(all) => all.contains(&issue.level),
            Test::File(parts) => parts.iter().any(|part| has(file, part)),
            Test::Type(parts) => parts.iter().any(|part| has(error_type, part)),
            Test::Since(time) => issue.last_seen >= *time,
            Test::Until(time) => issue.last_seen < *time,
            Test::First(time) => issue.first_seen >= *time,
            Test::Count(comparison, number) => match comparison {
                Comparison::Equal => issue.count == *number,
                Comparison::Above => issue.count > *number,
                Comparison::AtLeast => issue.count >= *number,
                Comparison::Below => issue.count < *number,
                Comparison::AtMost => issue.count <= *number,
            },
            Test::Environment(_) | Test::Version(_) => return None,
        };
        Some(holds != self.excluded)
    }
}
