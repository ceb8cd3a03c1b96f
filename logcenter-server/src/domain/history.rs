//! The history of an issue's status changes.

use super::text::{ActorName, CommitHash, Note, Url};
use logcenter_core::status::Role;
use logcenter_core::{Status, Timestamp};

/// Who changes an issue: their role, and the name shown in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Their role, which determines what they may do.
    pub role: Role,
    /// Their name.
    pub name: ActorName,
}

impl Actor {
    /// A person, under the name they give; "administrator" if none.
    #[must_use]
    pub fn person(name: Option<ActorName>) -> Self {
        Self { role: Role::Person, name: name.unwrap_or_else(|| ActorName::cut("administrator")) }
    }

    /// Log Center itself.
    #[must_use]
    pub fn server() -> Self {
        Self { role: Role::Server, name: ActorName::cut("server") }
    }
}

/// A status change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The previous status.
    pub from: Status,
    /// The new status.
    pub to: Status,
    /// Who made it.
    pub actor: Actor,
    /// The reason.
    pub note: Option<Note>,
    /// When it was made.
    pub at: Timestamp,
    /// Whether the transition rules were skipped.
    pub forced: bool,
    /// Related commit.
    pub commit_hash: Option<CommitHash>,
    /// Related pull request.
    pub pull_request_url: Option<Url>,
}

impl HistoryEntry {
    /// Whether this is a regression: the issue was seen again after a fix. Decided by the actor's role, never by their
    /// name, which anybody can choose.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        self.actor.role == Role::Server && self.from.has_fix() && self.to == Status::New
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_server_says_that_an_issue_came_back() {
        let entry = |actor, from, to| HistoryEntry {
            from,
            to,
            actor,
            note: None,
            at: Timestamp::from_millis(1),
            forced: false,
            commit_hash: None,
            pull_request_url: None,
        };
        let named = Actor::person(Some(ActorName::cut("server")));
        assert!(entry(Actor::server(), Status::Fixed, Status::New).is_regression());
        assert!(!entry(named, Status::Fixed, Status::New).is_regression());
        assert!(!entry(Actor::server(), Status::Verifying, Status::New).is_regression());
        assert!(!entry(Actor::server(), Status::Verified, Status::Deployed).is_regression());
    }
}
