//! Status changes: whether one is allowed, and what it does.

use super::fix::{self, Fix};
use super::history::{Actor, HistoryEntry};
use super::ids::Revision;
use super::text::{CommitHash, Note, Url};
use logcenter_core::{Status, Timestamp};

/// How strictly the transition rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Override {
    /// Only permitted transitions.
    #[default]
    No,
    /// Any transition, as a person may make with a note.
    Force,
    /// Any transition, but only for an issue without a fix: one that has a fix would lose how far the fix has come.
    MarkFixed,
}

/// A requested status change.
#[derive(Debug, Clone)]
pub struct Change {
    /// The new status.
    pub to: Status,
    /// Who asks for it.
    pub actor: Actor,
    /// Fail unless the issue has this status.
    pub expected_status: Option<Status>,
    /// Fail unless the issue has this revision.
    pub expected_revision: Option<Revision>,
    /// The reason.
    pub note: Option<Note>,
    /// Whether the transition rules may be skipped.
    pub overriding: Override,
    /// Related commit.
    pub commit_hash: Option<CommitHash>,
    /// Related pull request.
    pub pull_request_url: Option<Url>,
}

impl Change {
    /// A change that asks for nothing but the new status.
    #[must_use]
    pub const fn to(to: Status, actor: Actor) -> Self {
        Self {
            to,
            actor,
            expected_status: None,
            expected_revision: None,
            note: None,
            overriding: Override::No,
            commit_hash: None,
            pull_request_url: None,
        }
    }
}

/// The part of an issue that a status change depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The issue's status.
    pub status: Status,
    /// The issue's revision.
    pub revision: Revision,
    /// The issue's fix.
    pub fix: Option<Fix>,
}

/// Result of a status change: the new state of the issue, and its history entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The state of the issue afterwards.
    pub after: Standing,
    /// The entry for the history.
    pub entry: HistoryEntry,
}

/// Why a change was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeRefused {
    /// The issue does not have the expected status or revision.
    Stale,
    /// This role may not make this transition.
    NotAllowed {
        /// The transitions that are allowed.
        allowed: Vec<Status>,
    },
}

/// Decides a status change.
///
/// # Errors
/// [`ChangeRefused`]; then nothing is changed.
pub fn decide(issue: &Standing, change: &Change, now: Timestamp) -> Result<Transition, ChangeRefused> {
    let is_stale = change.expected_status.is_some_and(|expected| expected != issue.status)
        || change.expected_revision.is_some_and(|expected| expected != issue.revision);
    if is_stale {
        return Err(ChangeRefused::Stale);
    }
    let to = match change.overriding {
        Override::No => issue.status.change(change.to, change.actor.role),
        Override::MarkFixed if issue.status.has_fix() => {
            return Err(ChangeRefused::NotAllowed { allowed: Vec::new() });
        }
        Override::Force | Override::MarkFixed => issue.status.force(change.to, change.actor.role),
    };
    let to = to.map_err(|refused| ChangeRefused::NotAllowed { allowed: refused.allowed })?;
    let entry = HistoryEntry {
        from: issue.status,
        to,
        actor: change.actor.clone(),
        note: change.note.clone(),
        at: now,
        forced: change.overriding != Override::No,
        commit_hash: change.commit_hash.clone(),
        pull_request_url: change.pull_request_url.clone(),
    };
    Ok(issue.moved(entry))
}

impl Standing {
    /// Applies a history entry to an issue.
    #[must_use]
    pub fn moved(&self, entry: HistoryEntry) -> Transition {
        let (commit_hash, pull_request_url) = (entry.commit_hash.as_ref(), entry.pull_request_url.as_ref());
        let fix = fix::after_move(
            self.fix.as_ref(),
            self.status,
            entry.to,
            commit_hash,
            pull_request_url,
            entry.at,
        );
        let after = Self { status: entry.to, revision: self.revision.next(), fix };
        Transition { after, entry }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use logcenter_core::status::Role;

    fn standing(status: Status) -> Standing {
        let fix = fix::after_move(None, Status::New, status, None, None, Timestamp::from_millis(1));
        Standing { status, revision: Revision(4), fix }
    }

    fn change(to: Status) -> Change {
        Change::to(to, Actor::person(None))
    }

    fn now() -> Timestamp {
        Timestamp::from_millis(9)
    }

    #[test]
    fn a_change_of_the_table_raises_the_revision_and_is_kept() {
        let issue = standing(Status::New);
        let note = Note::read("looking").unwrap();
        let made =
            decide(&issue, &Change { note: note.clone(), ..change(Status::Verifying) }, now()).unwrap();
        assert_eq!(made.after, Standing { status: Status::Verifying, revision: Revision(5), fix: None });
        let entry = &made.entry;
        assert_eq!((entry.from, entry.to, entry.at), (Status::New, Status::Verifying, now()));
        assert_eq!((&entry.note, entry.forced), (&note, false));
    }

    #[test]
    fn what_the_table_does_not_have_is_refused_with_what_it_has() {
        let refused = decide(&standing(Status::New), &change(Status::Fixed), now());
        assert_eq!(refused, Err(ChangeRefused::NotAllowed { allowed: vec![Status::Verifying] }));
    }

    #[test]
    fn a_stale_change_is_refused_before_anything_else() {
        let issue = standing(Status::New);
        let stale = [
            Change { expected_status: Some(Status::Fixed), ..change(Status::Verifying) },
            Change { expected_revision: Some(Revision(3)), ..change(Status::Verifying) },
            Change {
                expected_revision: Some(Revision(3)),
                overriding: Override::Force,
                ..change(Status::Deployed)
            },
        ];
        for change in stale {
            assert_eq!(decide(&issue, &change, now()), Err(ChangeRefused::Stale));
        }
        let expected = Change {
            expected_status: Some(Status::New),
            expected_revision: Some(Revision(4)),
            ..change(Status::Verifying)
        };
        assert!(decide(&issue, &expected, now()).is_ok());
    }

    #[test]
    fn only_a_person_overrides_the_table() {
        let forced = Change { overriding: Override::Force, ..change(Status::Deployed) };
        let made = decide(&standing(Status::New), &forced, now()).unwrap();
        assert!(made.entry.forced);
        assert_eq!(made.after.fix.unwrap().since, now());
        for role in [Role::Agent, Role::Server] {
            let actor = Actor { role, ..Actor::person(None) };
            let refused = decide(&standing(Status::New), &Change { actor, ..forced.clone() }, now());
            assert!(matches!(refused, Err(ChangeRefused::NotAllowed { .. })), "{role:?}");
        }
    }

    #[test]
    fn what_has_a_fix_is_not_marked_as_fixed_again() {
        let mark = Change { overriding: Override::MarkFixed, ..change(Status::Fixed) };
        for &status in Status::ALL {
            let made = decide(&standing(status), &mark, now());
            assert_eq!(made.is_ok(), !status.has_fix(), "{status}");
        }
        let forced = Change { overriding: Override::Force, ..change(Status::Fixed) };
        assert!(decide(&standing(Status::Deployed), &forced, now()).is_ok());
    }
}
