//! What a forge tells: a pull request was merged or closed, a check passed or failed.

use super::change::{Work, Worked};
use super::state::{Publication, Repair};
use crate::domain::history::{Actor, HistoryEntry};
use crate::domain::text::{CheckName, CommitHash, Note, Url};
use logcenter_core::repair::REFUSED_BY_A_PERSON;
use logcenter_core::{Status, Timestamp};

/// Checks that are remembered of one fix.
const MAX_CHECKS: usize = 50;

/// A pull request, as a forge describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its address.
    pub url: Url,
    /// The branch that it brings.
    pub head: String,
    /// The commit that it brings.
    pub head_commit: String,
    /// The branch that it is for.
    pub base: String,
}

/// What a forge tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hook {
    /// A pull request was merged.
    Merged {
        /// The pull request.
        pull_request: PullRequest,
        /// The commit that merged it.
        commit: CommitHash,
    },
    /// A pull request was closed without being merged.
    Closed {
        /// The pull request.
        pull_request: PullRequest,
    },
    /// A check of a commit has a result.
    Checked {
        /// The address of the repository.
        repository: String,
        /// The commit.
        commit: CommitHash,
        /// The check's name.
        name: CheckName,
        /// Whether it passed.
        passed: bool,
    },
}

impl Hook {
    /// Whether it is about a fix that was published with this commit.
    fn is_about(&self, publication: &Publication, commit: Option<&CommitHash>) -> bool {
        let Some(url) = &publication.pull_request_url else { return false };
        match self {
            Self::Merged { pull_request, .. } | Self::Closed { pull_request } => {
                pull_request.url == *url
                    && pull_request.head == *publication.branch
                    && commit.is_none_or(|commit| pull_request.head_commit == **commit)
                    && publication.base_branch.as_ref().is_none_or(|base| pull_request.base == **base)
            }
            Self::Checked { repository, commit: checked, .. } => {
                let is_inside = |rest: &str| rest.starts_with('/');
                let is_here = url.strip_prefix(repository.trim_end_matches('/')).is_some_and(is_inside);
                is_here && (Some(checked) == commit || Some(checked) == publication.merged_commit.as_ref())
            }
        }
    }
}

/// What follows for an issue from what a forge tells. `None` if it is about something else, or changes nothing.
///
/// A fix is verified once it is merged and none of its checks has failed. One that is closed unmerged was refused by a
/// person, and is not tried again.
#[must_use]
pub fn hook(work: Work, hook: &Hook, now: Timestamp) -> Option<Worked> {
    let Work { standing, repair, attempt } = work;
    let commit = standing.fix.as_ref().and_then(|fix| fix.commit_hash.clone());
    let publication = repair.publication.clone().filter(|one| hook.is_about(one, commit.as_ref()))?;
    if standing.status != Status::Fixed {
        // A person has reopened it meanwhile; only then it is offered again.
        let is_over = matches!(hook, Hook::Merged { .. } | Hook::Closed { .. });
        let repair = Repair { publication: None, ..repair };
        return is_over.then_some(Worked { transition: None, repair, attempt });
    }
    let publication = match hook {
        Hook::Closed { .. } => {
            let why = REFUSED_BY_A_PERSON;
            let entry = entry(Status::FixFailed, why, None, now);
            let repair = Repair { publication: None, given_up: true, ..repair };
            return Some(Worked { transition: Some(standing.moved(entry)), repair, attempt });
        }
        Hook::Merged { commit, .. } => Publication { merged_commit: Some(commit.clone()), ..publication },
        Hook::Checked { name, passed, .. } => checked(publication, name, *passed)?,
    };
    let merged = publication.merged_commit.clone().filter(|_| publication.failed_checks.is_empty());
    if let Some(commit) = merged {
        let entry = entry(Status::Verified, "merged", Some(commit), now);
        let repair = Repair { publication: None, ..repair };
        return Some(Worked { transition: Some(standing.moved(entry)), repair, attempt });
    }
    Some(Worked { transition: None, repair: Repair { publication: Some(publication), ..repair }, attempt })
}

/// Notes the result of a check. `None` if that is no news.
fn checked(mut publication: Publication, name: &CheckName, passed: bool) -> Option<Publication> {
    let failed = &mut publication.failed_checks;
    match (failed.iter().position(|failed| failed == name), passed) {
        (Some(at), true) => {
            failed.remove(at);
        }
        (None, false) if failed.len() < MAX_CHECKS => failed.push(name.clone()),
        _ => return None,
    }
    Some(publication)
}

fn entry(to: Status, note: &str, commit_hash: Option<CommitHash>, now: Timestamp) -> HistoryEntry {
    HistoryEntry {
        from: Status::Fixed,
        to,
        actor: Actor::server(),
        note: Some(Note::cut(note)),
        at: now,
        forced: false,
        commit_hash,
        pull_request_url: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Standing;
    use crate::domain::fix::Fix;
    use crate::domain::ids::Revision;
    use crate::domain::text::Branch;

    const NOW: Timestamp = Timestamp::from_millis(9);
    const URL: &str = "https://git.example/shop/pulls/88";

    fn work(status: Status) -> Work {
        let fix = Fix {
            since: Timestamp::from_millis(1),
            commit_hash: Some(CommitHash::cut("c41d9ae")),
            branch: Some(Branch::cut("logcenter/fix-1-e1")),
            pull_request_url: Some(Url::cut(URL)),
            verified_at: None,
        };
        let publication = Publication::new(
            Branch::cut("logcenter/fix-1-e1"),
            Some(Branch::cut("main")),
            Some(Url::cut(URL)),
        );
        Work {
            standing: Standing { status, revision: Revision(4), fix: Some(fix) },
            repair: Repair { publication: Some(publication), ..Repair::default() },
            attempt: None,
        }
    }

    fn pull_request() -> PullRequest {
        let (head, head_commit) = ("logcenter/fix-1-e1".into(), "c41d9ae".into());
        PullRequest { url: Url::cut(URL), head, head_commit, base: "main".into() }
    }

    fn merged() -> Hook {
        Hook::Merged { pull_request: pull_request(), commit: CommitHash::cut("fff") }
    }

    fn check(commit: &str, name: &str, passed: bool) -> Hook {
        let (commit, name) = (CommitHash::cut(commit), CheckName::cut(name));
        Hook::Checked { repository: "https://git.example/shop".into(), commit, name, passed }
    }

    #[test]
    fn a_merged_fix_is_verified_at_the_commit_that_merged_it() {
        let made = hook(work(Status::Fixed), &merged(), NOW).unwrap();
        let transition = made.transition.unwrap();
        assert_eq!(transition.entry.to, Status::Verified);
        let fix = transition.after.fix.unwrap();
        assert_eq!((fix.commit_hash.as_deref(), fix.verified_at), (Some("fff"), Some(NOW)));
        assert_eq!(made.repair.publication, None);
    }

    #[test]
    fn a_refused_fix_failed_and_is_not_tried_again() {
        let made = hook(work(Status::Fixed), &Hook::Closed { pull_request: pull_request() }, NOW).unwrap();
        let entry = made.transition.unwrap().entry;
        assert_eq!((entry.to, entry.actor), (Status::FixFailed, Actor::server()));
        assert!(made.repair.given_up && made.repair.publication.is_none());
    }

    #[test]
    fn failed_checks_hold_it_back_until_each_has_passed() {
        let then = |worked: Worked| Work { repair: worked.repair, ..work(Status::Fixed) };
        let one = then(hook(work(Status::Fixed), &check("c41d9ae", "tests", false), NOW).unwrap());
        assert!(hook(one.clone(), &check("c41d9ae", "tests", false), NOW).is_none(), "no news");
        let two = then(hook(one, &check("c41d9ae", "lint", false), NOW).unwrap());
        let held = hook(two, &merged(), NOW).unwrap();
        assert!(held.transition.is_none());
        let held = then(held);
        assert!(hook(held.clone(), &check("fff", "other", true), NOW).is_none());
        let one = hook(held, &check("fff", "lint", true), NOW).unwrap();
        assert!(one.transition.is_none());
        let none = hook(then(one), &check("c41d9ae", "tests", true), NOW).unwrap();
        assert_eq!(none.transition.unwrap().entry.commit_hash.as_deref(), Some("fff"));
    }

    #[test]
    fn what_is_about_something_else_changes_nothing() {
        for &status in Status::ALL {
            let made = hook(work(status), &merged(), NOW).unwrap();
            assert_eq!(made.transition.is_some(), status == Status::Fixed, "{status}");
            assert_eq!(made.repair.publication, None, "it is not on its way any more");
            let checked = hook(work(status), &check("c41d9ae", "tests", false), NOW);
            assert_eq!(checked.is_some(), status == Status::Fixed, "{status}");
        }
        let nothing = |about: &Hook| assert!(hook(work(Status::Fixed), about, NOW).is_none(), "{about:?}");
        let merged = |pull_request| Hook::Merged { pull_request, commit: CommitHash::cut("fff") };
        let elsewhere = Url::cut("https://git.example/shop/pulls/8");
        nothing(&merged(PullRequest { url: elsewhere, ..pull_request() }));
        nothing(&merged(PullRequest { head: "other".into(), ..pull_request() }));
        nothing(&merged(PullRequest { head_commit: "other".into(), ..pull_request() }));
        nothing(&merged(PullRequest { base: "other".into(), ..pull_request() }));
        nothing(&check("other", "tests", false));
        for repository in ["https://git.example/sho", "https://evil.example/shop", ""] {
            let (commit, name) = (CommitHash::cut("c41d9ae"), CheckName::cut("tests"));
            nothing(&Hook::Checked { repository: repository.into(), commit, name, passed: false });
        }
        let mut unpublished = work(Status::Fixed);
        unpublished.repair.publication = None;
        assert!(hook(unpublished, &merged(pull_request()), NOW).is_none());
    }
}
