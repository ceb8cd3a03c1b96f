//! The status of an issue on its way to a fix, and who may change it.

use crate::text_enum::text_enum;
use alloc::vec::Vec;
use core::fmt;

/// The status of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Status {
    /// Reported; no work has started.
    #[default]
    New,
    /// Someone is trying to reproduce it.
    Verifying,
    /// Could not be reproduced.
    CannotReproduce,
    /// Reproduced; waiting for a fix.
    PendingFix,
    /// A fix is being written.
    Fixing,
    /// A fix exists.
    Fixed,
    /// The fix was verified.
    Verified,
    /// The fix is deployed.
    Deployed,
    /// The fix failed.
    FixFailed,
}

text_enum!(Status {
    New = "NEW",
    Verifying = "VERIFYING",
    CannotReproduce = "CANNOT_REPRODUCE",
    PendingFix = "PENDING_FIX",
    Fixing = "FIXING",
    Fixed = "FIXED",
    Verified = "VERIFIED",
    Deployed = "DEPLOYED",
    FixFailed = "FIX_FAILED",
});

/// Who changes an issue's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The repair agent, under its lease.
    Agent,
    /// A person.
    Person,
    /// Log Center itself: a regression, or an expired lease.
    Server,
}

text_enum!(Role { Agent = "agent", Person = "person", Server = "server" });

/// One allowed status change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// Who may make it.
    pub by: &'static [Role],
}

const fn by(from: Status, to: Status, by: &'static [Role]) -> Transition {
    Transition { from, to, by }
}

/// Every transition that is allowed without force. Transitions are defined nowhere else.
pub const TRANSITIONS: &[Transition] = {
    use Role::{Agent, Person, Server};
    use Status::{CannotReproduce, Deployed, FixFailed, Fixed, Fixing, New, PendingFix, Verified, Verifying};
    &[
        by(New, Verifying, &[Agent, Person]),
        by(Verifying, PendingFix, &[Agent, Person]),
        by(Verifying, CannotReproduce, &[Agent, Person]),
        by(PendingFix, Fixing, &[Agent, Person]),
        by(Fixing, Fixed, &[Agent, Person]),
        by(Fixing, FixFailed, &[Agent, Person]),
        by(Fixed, Verified, &[Agent, Person]),
        by(Verified, Deployed, &[Agent, Person]),
        by(FixFailed, PendingFix, &[Agent, Person]),
        by(Fixed, FixFailed, &[Agent, Person]),
        by(CannotReproduce, New, &[Person]),
        by(FixFailed, New, &[Person]),
        by(Fixed, New, &[Person, Server]),
        by(Verified, New, &[Person, Server]),
        by(Deployed, New, &[Person, Server]),
        by(Verifying, New, &[Person, Server]),
        by(Fixing, PendingFix, &[Person, Server]),
    ]
};

/// The transition is not in the table; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionRefused {
    /// The current status.
    pub from: Status,
    /// The requested status.
    pub to: Status,
    /// The statuses this role may change it to instead.
    pub allowed: Vec<Status>,
}

impl fmt::Display for TransitionRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot become {}", self.from, self.to)
    }
}

impl core::error::Error for TransitionRefused {}

impl Status {
    /// The statuses that `role` may change this status to.
    pub fn allowed(self, role: Role) -> impl Iterator<Item = Self> {
        TRANSITIONS
            .iter()
            .filter(move |transition| transition.from == self && transition.by.contains(&role))
            .map(|transition| transition.to)
    }

    /// Changes this status to `to`.
    ///
    /// ```
    /// use logcenter_core::status::{Role, Status};
    /// assert_eq!(Status::New.change(Status::Verifying, Role::Agent), Ok(Status::Verifying));
    /// assert_eq!(Status::New.change(Status::Fixed, Role::Person).unwrap_err().allowed, [Status::Verifying]);
    /// ```
    ///
    /// # Errors
    /// [`TransitionRefused`] if the table has no such transition for this role.
    pub fn change(self, to: Self, role: Role) -> Result<Self, TransitionRefused> {
        if self.allowed(role).any(|allowed| allowed == to) {
            Ok(to)
        } else {
            Err(TransitionRefused { from: self, to, allowed: self.allowed(role).collect() })
        }
    }

    /// Changes any status to any other, which only a person may do.
    ///
    /// ```
    /// use logcenter_core::status::{Role, Status};
    /// assert_eq!(Status::New.force(Status::Fixed, Role::Person), Ok(Status::Fixed));
    /// assert!(Status::New.force(Status::Fixed, Role::Agent).is_err());
    /// ```
    ///
    /// # Errors
    /// [`TransitionRefused`] for every other role, with the transitions the table allows it.
    pub fn force(self, to: Self, role: Role) -> Result<Self, TransitionRefused> {
        match role {
            Role::Person => Ok(to),
            Role::Agent | Role::Server => {
                Err(TransitionRefused { from: self, to, allowed: self.allowed(role).collect() })
            }
        }
    }

    /// Whether the issue still needs work.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::New | Self::Verifying | Self::PendingFix | Self::Fixing | Self::FixFailed => true,
            Self::CannotReproduce | Self::Fixed | Self::Verified | Self::Deployed => false,
        }
    }

    /// Whether a fix exists, so that another event is a regression.
    #[must_use]
    pub const fn has_fix(self) -> bool {
        match self {
            Self::Fixed | Self::Verified | Self::Deployed => true,
            Self::New
            | Self::Verifying
            | Self::CannotReproduce
            | Self::PendingFix
            | Self::Fixing
            | Self::FixFailed => false,
        }
    }
}
