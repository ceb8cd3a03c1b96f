//! What an issue's history keeps of a status change.

use super::text::{ActorName, CommitHash, Note, Url};
use logcenter_core::status::Role;
use logcenter_core::{Status, Timestamp};

/// Who changes an issue: what they may do, and the name that the history shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What they may do.
    pub role: Role,
    /// What they are called.
    pub name: ActorName,
}

impl Actor {
    /// A person, by the name that they give.
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

/// One status change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// Who made it.
    pub actor: Actor,
    /// Why.
    pub note: Option<Note>,
    /// When.
    pub at: Timestamp,
    /// Whether the table of transitions was overridden.
    pub forced: bool,
    /// The commit that goes with it.
    pub commit_hash: Option<CommitHash>,
    /// The pull request that goes with it.
    pub pull_request_url: Option<Url>,
}

impl HistoryEntry {
    /// Whether it says that the issue came back after a fix. Decided by who made the change, never by a name, which
    /// anybody may give themselves.
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
