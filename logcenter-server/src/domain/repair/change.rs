//! Status changes of issues that agents work on, and leases that end without one.

use super::attempt::Attempt;
use super::ending::{Ended, Ending, end, failed};
use super::lease::{Lease, LeaseProof, LeaseRefused};
use super::state::Repair;
use crate::domain::change::{Change, ChangeRefused, Standing, Transition, decide};
use crate::domain::history::{Actor, HistoryEntry};
use crate::domain::text::{CommitHash, Note};
use logcenter_core::repair::REFUSED_BY_A_PERSON;
use logcenter_core::status::Role;
use logcenter_core::{Status, Timestamp};

/// An issue, and the work on it.
#[derive(Debug, Clone)]
pub struct Work {
    /// Where the issue stands.
    pub standing: Standing,
    /// What is known about its repair.
    pub repair: Repair,
    /// The attempt of the current epoch.
    pub attempt: Option<Attempt>,
}

/// What a change of the status, or the end of a lease, leads to.
#[derive(Debug, Clone)]
pub struct Worked {
    /// The status change, if there is one.
    pub transition: Option<Transition>,
    /// The repair afterwards.
    pub repair: Repair,
    /// The attempt afterwards.
    pub attempt: Option<Attempt>,
}

/// Why a status change was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkRefused {
    /// The change itself is not possible.
    Change(ChangeRefused),
    /// It was to be made under a lease.
    Lease(LeaseRefused),
    /// An agent changes the status only under its lease.
    LeaseNeeded,
}

/// Decides a status change, under a lease if there is a proof of one.
///
/// A person's change takes the issue back from the agent that works on it. An agent needs a lease, except after the
/// fix, when nobody holds one.
///
/// # Errors
/// [`WorkRefused`]; then nothing is changed.
pub fn change(
    work: Work,
    change: &Change,
    proof: Option<LeaseProof>,
    now: Timestamp,
) -> Result<Worked, WorkRefused> {
    let Work { standing, repair, attempt } = work;
    let Some(proof) = proof else {
        if change.actor.role == Role::Agent && !standing.status.has_fix() {
            return Err(WorkRefused::LeaseNeeded);
        }
        let merged = merged_commit(&standing, &repair, change.to);
        let change = Change { commit_hash: change.commit_hash.clone().or(merged), ..change.clone() };
        let transition = decide(&standing, &change, now).map_err(WorkRefused::Change)?;
        let is_held = repair.lease.is_some();
        let Ended { repair, attempt } =
            if is_held { end(repair, attempt, Ending::Revoked, now) } else { Ended { repair, attempt } };
        let repair = after_fix(repair, standing.status, &change, now);
        return Ok(Worked { transition: Some(transition), repair, attempt });
    };
    let lease = repair.may_go_on(proof, now).map_err(WorkRefused::Lease)?;
    let published = attempt.as_ref().filter(|_| change.to == Status::Fixed);
    let under_lease = Change {
        actor: agent(&change.actor, lease),
        commit_hash: change.commit_hash.clone().or_else(|| published?.commit_hash.clone()),
        pull_request_url: change.pull_request_url.clone().or_else(|| published?.pull_request_url.clone()),
        ..change.clone()
    };
    let mut transition = decide(&standing, &under_lease, now).map_err(WorkRefused::Change)?;
    if let Some(fix) = &mut transition.after.fix {
        fix.branch = published.and_then(|attempt| attempt.branch.clone());
    }
    let attempt = attempt.map(|attempt| Attempt {
        commit_hash: under_lease.commit_hash.clone().or(attempt.commit_hash),
        pull_request_url: under_lease.pull_request_url.clone().or(attempt.pull_request_url),
        ..attempt
    });
    let Ended { repair, attempt } = if Ending::keeps_lease(change.to) {
        Ended { repair, attempt }
    } else {
        end(repair, attempt, Ending::Moved(change.to), now)
    };
    Ok(Worked { transition: Some(transition), repair, attempt })
}

/// Who acts under a lease: an agent by its token's name, everybody else as the lease's agent.
fn agent(actor: &Actor, lease: &Lease) -> Actor {
    let name = if actor.role == Role::Agent { &actor.name } else { &lease.worker };
    Actor { role: Role::Agent, name: name.clone() }
}

/// The commit that a fix was merged as, for one that is verified by hand.
fn merged_commit(standing: &Standing, repair: &Repair, to: Status) -> Option<CommitHash> {
    let is_verified = standing.status == Status::Fixed && to == Status::Verified;
    repair.publication.as_ref().filter(|_| is_verified)?.merged_commit.clone()
}

/// A fix that was verified, or that failed, is not on its way any more. What failed waits as after any failure; what a
/// person refused is not tried again.
fn after_fix(repair: Repair, from: Status, change: &Change, now: Timestamp) -> Repair {
    match (from, change.to) {
        (Status::Fixed, Status::Verified) => Repair { publication: None, failed: 0, ..repair },
        (Status::Fixed, Status::FixFailed) => {
            let repair = failed(Repair { publication: None, ..repair }, now);
            let is_refused = change.actor.role == Role::Person
                || change.note.as_deref().is_some_and(|note| *note == *REFUSED_BY_A_PERSON);
            Repair { given_up: repair.given_up || is_refused, ..repair }
        }
        _ => repair,
    }
}

/// Gives an issue back, as its agent asks.
///
/// # Errors
/// [`LeaseRefused`]; then nothing is changed.
pub fn release(
    work: Work,
    proof: LeaseProof,
    actor: &Actor,
    note: Option<Note>,
    now: Timestamp,
) -> Result<Worked, LeaseRefused> {
    let actor = agent(actor, work.repair.proven(proof, now)?);
    let note = note.unwrap_or_else(|| Note::cut("given back"));
    // Giving back is the server's move in the table of transitions: the agent asks for it.
    Ok(back(work, Ending::Released, actor, note, now))
}

/// Takes an issue back from an agent whose lease ran out. `None` while it is held, and if nobody holds it.
#[must_use]
pub fn expire(work: Work, now: Timestamp) -> Option<Worked> {
    let worker = work.repair.lease.as_ref().filter(|lease| !lease.is_live(now))?.worker.clone();
    let note = Note::cut(&format!("the lease of {} ran out", &*worker));
    Some(back(work, Ending::Expired, Actor::server(), note, now))
}

/// Takes an issue back from an agent whose token was revoked.
#[must_use]
pub fn revoke(work: Work, now: Timestamp) -> Worked {
    back(work, Ending::Revoked, Actor::server(), Note::cut("the agent's token was revoked"), now)
}

fn back(work: Work, how: Ending, actor: Actor, note: Note, now: Timestamp) -> Worked {
    let Work { standing, repair, attempt } = work;
    let transition = Ending::goes_back_to(standing.status).map(|to| {
        standing.moved(HistoryEntry {
            from: standing.status,
            to,
            actor,
            note: Some(note),
            at: now,
            forced: false,
            commit_hash: None,
            pull_request_url: None,
        })
    });
    let Ended { repair, attempt } = end(repair, attempt, how, now);
    Worked { transition, repair, attempt }
}

#[cfg(test)]
mod tests {
    use super::super::attempt::attempt;
    use super::super::lease::lease;
    use super::super::state::Publication;
    use super::*;
    use crate::domain::change::Override;
    use crate::domain::ids::Revision;
    use crate::domain::secret::SecretHash;
    use crate::domain::text::{ActorName, Branch, Url};
    use logcenter_core::repair::{Stage, Verdict};

    const NOW: Timestamp = Timestamp::from_millis(9);
    const AT_FIXING: Status = Status::Fixing;

    fn work(status: Status) -> Work {
        let standing = Standing { status, revision: Revision(4), fix: None };
        let repair = Repair { lease: Some(lease(100)), ..Repair::default() };
        Work { standing, repair, attempt: Some(attempt(Stage::Fix, Some(Verdict::Reproduced))) }
    }

    fn proof() -> Option<LeaseProof> {
        Some(LeaseProof(SecretHash::of("lease")))
    }

    fn to(to: Status, role: Role) -> Change {
        Change::to(to, Actor { role, name: ActorName::cut("ci") })
    }

    #[test]
    fn an_agent_keeps_its_lease_while_it_works() {
        let moved =
            change(work(Status::Verifying), &to(Status::PendingFix, Role::Agent), proof(), NOW).unwrap();
        assert!(moved.repair.lease.is_some());
        assert_eq!(moved.transition.unwrap().entry.to, Status::PendingFix);
        assert_eq!(moved.attempt.unwrap().ended_at, None);
        let moved = change(work(Status::PendingFix), &to(AT_FIXING, Role::Agent), proof(), NOW).unwrap();
        assert!(moved.repair.lease.is_some());
    }

    #[test]
    fn a_fix_has_what_the_attempt_published_and_ends_the_lease() {
        let mut before = work(AT_FIXING);
        before.attempt = before.attempt.map(|attempt| Attempt {
            branch: Some(Branch::cut("b")),
            commit_hash: Some(CommitHash::cut("c")),
            pull_request_url: Some(Url::cut("https://forge/1")),
            ..attempt
        });
        let fixed = change(before, &to(Status::Fixed, Role::Agent), proof(), NOW).unwrap();
        let transition = fixed.transition.unwrap();
        let fix = transition.after.fix.unwrap();
        assert_eq!((fix.branch.as_deref(), fix.commit_hash.as_deref()), (Some("b"), Some("c")));
        assert_eq!(transition.entry.pull_request_url.as_deref(), Some("https://forge/1"));
        assert!(fixed.repair.lease.is_none() && fixed.repair.publication.is_some());
        assert_eq!(fixed.attempt.unwrap().verdict, Some(Verdict::Fixed));
    }

    #[test]
    fn whoever_proves_a_lease_is_its_agent() {
        let moved = change(work(AT_FIXING), &to(Status::FixFailed, Role::Person), proof(), NOW).unwrap();
        let actor = moved.transition.unwrap().entry.actor;
        assert_eq!((actor.role, &*actor.name), (Role::Agent, "repair-1"));
        let forced = Change { overriding: Override::Force, ..to(Status::Deployed, Role::Person) };
        let refused = change(work(AT_FIXING), &forced, proof(), NOW);
        assert!(matches!(refused, Err(WorkRefused::Change(ChangeRefused::NotAllowed { .. }))));
    }

    #[test]
    fn without_its_lease_an_agent_changes_only_what_nobody_holds() {
        let needed = WorkRefused::LeaseNeeded;
        let refused = |work, change: &Change, proof| super::change(work, change, proof, NOW).unwrap_err();
        assert_eq!(refused(work(AT_FIXING), &to(Status::Fixed, Role::Agent), None), needed);
        let wrong = Some(LeaseProof(SecretHash::of("other")));
        let lost = WorkRefused::Lease(LeaseRefused::Lost);
        assert_eq!(refused(work(AT_FIXING), &to(Status::Fixed, Role::Agent), wrong), lost);
        let mut stopped = work(AT_FIXING);
        stopped.repair.lease = Some(Lease { cancel: true, ..lease(100) });
        let stop = WorkRefused::Lease(LeaseRefused::Stopped);
        assert_eq!(refused(stopped, &to(Status::Fixed, Role::Agent), proof()), stop);

        let mut fixed = work(Status::Fixed);
        let publication = Publication::new(Branch::cut("b"), None, None);
        fixed.repair = Repair { publication: Some(publication), ..Repair::default() };
        let verified = change(fixed, &to(Status::Verified, Role::Agent), None, NOW).unwrap();
        assert_eq!(verified.repair.publication, None);
    }

    fn fixed(publication: Publication) -> Work {
        let repair = Repair { publication: Some(publication), ..Repair::default() };
        Work { repair, attempt: None, ..work(Status::Fixed) }
    }

    #[test]
    fn a_fix_that_fails_again_and_again_is_given_up() {
        let mut repair = Repair::default();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let mut held = work(AT_FIXING);
            held.repair = Repair { lease: Some(lease(100)), ..repair };
            let published = change(held, &to(Status::Fixed, Role::Agent), proof(), NOW).unwrap();
            let again = Work { repair: published.repair, attempt: None, ..work(Status::Fixed) };
            repair = change(again, &to(Status::FixFailed, Role::Agent), None, NOW).unwrap().repair;
            seen.push((repair.failed, repair.not_before.is_some(), repair.given_up));
        }
        assert_eq!(seen, [(1, true, false), (2, true, false), (3, false, true)]);
        let publication = Publication::new(Branch::cut("b"), None, None);
        let refused = change(fixed(publication), &to(Status::FixFailed, Role::Person), None, NOW).unwrap();
        assert!(refused.repair.given_up && refused.repair.publication.is_none());
        // An agent asks the forge, and tells what a person did there.
        let note = Some(Note::cut(REFUSED_BY_A_PERSON));
        let told = Change { note, ..to(Status::FixFailed, Role::Agent) };
        let publication = Publication::new(Branch::cut("b"), None, None);
        assert!(change(fixed(publication), &told, None, NOW).unwrap().repair.given_up);
    }

    #[test]
    fn a_fix_that_is_verified_by_hand_keeps_the_commit_that_merged_it() {
        let merged_commit = Some(CommitHash::cut("fff"));
        let publication = Publication { merged_commit, ..Publication::new(Branch::cut("b"), None, None) };
        let verified = change(fixed(publication.clone()), &to(Status::Verified, Role::Person), None, NOW);
        let fix = verified.unwrap().transition.unwrap().after.fix.unwrap();
        assert_eq!(fix.commit_hash.as_deref(), Some("fff"));
        let named =
            Change { commit_hash: Some(CommitHash::cut("ggg")), ..to(Status::Verified, Role::Person) };
        let verified = change(fixed(publication), &named, None, NOW).unwrap();
        let fix = verified.transition.unwrap().after.fix.unwrap();
        assert_eq!(fix.commit_hash.as_deref(), Some("ggg"));
    }

    #[test]
    fn a_pull_request_named_with_the_change_is_the_one_on_its_way() {
        let mut before = work(AT_FIXING);
        before.attempt = before.attempt.map(|attempt| Attempt { branch: Some(Branch::cut("b")), ..attempt });
        let url = Some(Url::cut("https://forge/2"));
        let named = Change { pull_request_url: url.clone(), ..to(Status::Fixed, Role::Agent) };
        let fixed = change(before, &named, proof(), NOW).unwrap();
        assert_eq!(fixed.repair.publication.unwrap().pull_request_url, url);
    }

    #[test]
    fn a_person_takes_the_issue_back() {
        let taken = change(work(AT_FIXING), &to(Status::PendingFix, Role::Person), None, NOW).unwrap();
        assert_eq!(taken.repair.lease, None);
        assert_eq!(taken.attempt.unwrap().verdict, Some(Verdict::Cancelled));
        assert_eq!(taken.transition.unwrap().entry.actor.role, Role::Person);
    }

    #[test]
    fn an_issue_goes_back_when_it_is_released_or_the_lease_runs_out() {
        let actor = Actor { role: Role::Agent, name: ActorName::cut("ci") };
        let proof = proof().unwrap();
        let released = release(work(AT_FIXING), proof, &actor, None, NOW).unwrap();
        let entry = released.transition.unwrap().entry;
        assert_eq!((entry.to, entry.note.as_deref()), (Status::PendingFix, Some("given back")));
        assert_eq!(released.attempt.unwrap().verdict, Some(Verdict::InfraError));
        assert!(release(work(AT_FIXING), proof, &actor, None, Timestamp::from_millis(100)).is_err());

        assert!(expire(work(Status::Verifying), NOW).is_none());
        let expired = expire(work(Status::Verifying), Timestamp::from_millis(100)).unwrap();
        let entry = expired.transition.unwrap().entry;
        assert_eq!((entry.to, entry.actor), (Status::New, Actor::server()));
        assert_eq!(entry.note.as_deref(), Some("the lease of repair-1 ran out"));
        assert_eq!((expired.repair.abandoned, expired.repair.lease), (1, None));
        let waiting = expire(work(Status::PendingFix), Timestamp::from_millis(100)).unwrap();
        assert!(waiting.transition.is_none() && waiting.repair.lease.is_none());

        let revoked = revoke(work(Status::Verifying), NOW);
        assert_eq!(revoked.transition.unwrap().entry.to, Status::New);
        assert_eq!(revoked.attempt.unwrap().verdict, Some(Verdict::Cancelled));
    }
}
