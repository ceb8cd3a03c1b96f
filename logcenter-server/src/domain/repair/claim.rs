//! Claiming an issue.

use super::lease::Lease;
use super::state::Repair;
use crate::domain::change::{Standing, Transition};
use crate::domain::history::{Actor, HistoryEntry};
use crate::domain::ids::{Epoch, IssueId, TokenId};
use crate::domain::scope::Scope;
use crate::domain::secret::SecretHash;
use crate::domain::text::ActorName;
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};

/// The type of issues that only say that a project exists.
const REGISTRATION_MARK: &str = "ProjectInit";

/// What an agent wants to work on.
#[derive(Debug, Clone)]
pub struct ClaimRequest {
    /// The agent's name.
    pub worker: ActorName,
    /// Who the agent is in the history.
    pub actor: Actor,
    /// The token it used.
    pub token_id: Option<TokenId>,
    /// The projects that it can see.
    pub scope: Scope,
    /// The statuses it takes issues at.
    pub statuses: Vec<Status>,
    /// Only this issue.
    pub issue_id: Option<IssueId>,
    /// Only issues of these projects.
    pub project_ids: Option<Vec<ProjectId>>,
    /// Only issues of these sources.
    pub sources: Vec<Source>,
    /// Only issues of this level or worse.
    pub min_level: Option<Level>,
    /// Only issues with an event that came with a valid key.
    pub trusted: bool,
    /// For how long the lease is renewed, in seconds.
    pub lease_seconds: i64,
    /// The secret of the lease.
    pub secret: SecretHash,
}

/// An issue that might be claimed. It has what the request filters by.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Where it stands.
    pub standing: Standing,
    /// The type of its error.
    pub error_type: String,
    /// What is known about its repair.
    pub repair: Repair,
}

/// A claimed issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The status changes that the claim makes.
    pub transitions: Vec<Transition>,
    /// The repair afterwards, with the lease.
    pub repair: Repair,
}

/// Claims an issue, unless it is not offered.
#[must_use]
pub fn claim(candidate: Candidate, request: &ClaimRequest, now: Timestamp) -> Option<Claimed> {
    let Candidate { standing, error_type, repair } = candidate;
    if !request.statuses.contains(&standing.status)
        || error_type == REGISTRATION_MARK
        || !repair.is_offered(now)
    {
        return None;
    }
    let path: &[Status] = match standing.status {
        Status::New => &[Status::Verifying],
        Status::PendingFix => &[Status::Fixing],
        Status::FixFailed => &[Status::PendingFix, Status::Fixing],
        Status::Verifying
        | Status::CannotReproduce
        | Status::Fixing
        | Status::Fixed
        | Status::Verified
        | Status::Deployed => return None,
    };
    let mut at = standing;
    let mut transitions = Vec::new();
    for &to in path {
        let entry = HistoryEntry {
            from: at.status,
            to,
            actor: request.actor.clone(),
            note: None,
            at: now,
            forced: false,
            commit_hash: None,
            pull_request_url: None,
        };
        let transition = at.moved(entry);
        at = transition.after.clone();
        transitions.push(transition);
    }
    let lease = Lease {
        worker: request.worker.clone(),
        secret: request.secret,
        token_id: request.token_id,
        seconds: request.lease_seconds,
        expires_at: now,
        cancel: false,
    };
    let epoch = Epoch(repair.epoch.0 + 1);
    let repair =
        Repair { epoch, lease: Some(lease.renewed(now)), not_before: None, requested_at: None, ..repair };
    Some(Claimed { transitions, repair })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Revision;
    use logcenter_core::status::Role;

    fn request(statuses: &[Status]) -> ClaimRequest {
        ClaimRequest {
            worker: ActorName::cut("repair-1"),
            actor: Actor { role: Role::Agent, name: ActorName::cut("ci") },
            token_id: Some(TokenId(3)),
            scope: Scope::All,
            statuses: statuses.into(),
            issue_id: None,
            project_ids: None,
            sources: vec![Source::Runtime],
            min_level: None,
            trusted: false,
            lease_seconds: 120,
            secret: SecretHash::of("lease"),
        }
    }

    fn candidate(status: Status) -> Candidate {
        let standing = Standing { status, revision: Revision(4), fix: None };
        let repair = Repair {
            epoch: Epoch(2),
            failed: 1,
            requested_at: Some(Timestamp::from_millis(1)),
            not_before: Some(Timestamp::from_millis(5)),
            ..Repair::default()
        };
        Candidate { standing, error_type: "ValueError".into(), repair }
    }

    const CLAIMABLE: [Status; 3] = [Status::New, Status::PendingFix, Status::FixFailed];

    #[test]
    fn a_claim_moves_the_issue_on_and_begins_an_epoch() {
        let now = Timestamp::from_millis(9);
        for (status, path) in [
            (Status::New, vec![Status::Verifying]),
            (Status::PendingFix, vec![Status::Fixing]),
            (Status::FixFailed, vec![Status::PendingFix, Status::Fixing]),
        ] {
            let claimed = claim(candidate(status), &request(&CLAIMABLE), now).unwrap();
            let moved: Vec<Status> = claimed.transitions.iter().map(|moved| moved.entry.to).collect();
            assert_eq!(moved, path);
            for transition in &claimed.transitions {
                let (entry, role) = (&transition.entry, Role::Agent);
                assert_eq!(entry.from.change(entry.to, role), Ok(entry.to), "the table has it");
                assert_eq!((&*entry.actor.name, entry.actor.role, entry.at), ("ci", role, now));
            }
            let last = claimed.transitions.last().unwrap();
            assert_eq!(last.after.revision, Revision(4 + path.len() as i64));
            let repair = claimed.repair;
            assert_eq!((repair.epoch, repair.failed, repair.requested_at), (Epoch(3), 1, None));
            let lease = repair.lease.unwrap();
            assert_eq!((&*lease.worker, lease.token_id, lease.cancel), ("repair-1", Some(TokenId(3)), false));
            assert_eq!(lease.expires_at.millis(), 120_009);
        }
    }

    #[test]
    fn what_is_not_offered_is_not_claimed() {
        let now = Timestamp::from_millis(9);
        for &status in Status::ALL {
            let claimed = claim(candidate(status), &request(Status::ALL), now);
            assert_eq!(claimed.is_some(), CLAIMABLE.contains(&status), "{status}");
        }
        assert!(claim(candidate(Status::New), &request(&[Status::PendingFix]), now).is_none());
        let mark = Candidate { error_type: "ProjectInit".into(), ..candidate(Status::New) };
        assert!(claim(mark, &request(&CLAIMABLE), now).is_none());
        assert!(claim(candidate(Status::New), &request(&CLAIMABLE), Timestamp::from_millis(4)).is_none());
    }
}
