//! [`Repairs`](crate::store::Repairs).

use super::sample::{HOUR, at, change, force, issue, received, record, shop};
use crate::domain::repair::{
    Approval, ApprovalRefused, Artifact, AttemptRefused, AttemptUpdate, ClaimRequest, Cost, LeaseProof,
    LeaseRefused,
};
use crate::domain::text::{ActorName, Branch, CommitHash, Hint, Note, Url};
use crate::domain::{Actor, AttemptId, Change, Epoch, IssueId, NewToken, Override, Scope, SecretHash};
use crate::store::{ChangeOutcome, Claim, RequestOutcome, Store, UnderLease};
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use logcenter_core::status::Role;
use logcenter_core::{Level, Source, Status, TokenRole};
use serde_json::json;

const MINUTE: i64 = 60_000;

fn agent() -> Actor {
    Actor { role: Role::Agent, name: ActorName::cut("repair-1") }
}

pub(super) fn wanted(secret: &str) -> ClaimRequest {
    ClaimRequest {
        worker: ActorName::cut("repair-1"),
        actor: agent(),
        token_id: None,
        scope: Scope::All,
        statuses: vec![Status::New, Status::PendingFix, Status::FixFailed],
        issue_id: None,
        project_ids: None,
        sources: vec![Source::Runtime],
        min_level: None,
        trusted: false,
        lease_seconds: 60,
        secret: SecretHash::of(secret),
    }
}

fn proof(secret: &str) -> LeaseProof {
    LeaseProof(SecretHash::of(secret))
}

pub(super) async fn claimed<S: Store>(store: &S, request: ClaimRequest, millis: i64) -> Claim {
    store.claim(request, at(millis)).await.expect("answered").expect("an issue")
}

async fn claims<S: Store>(store: &S, request: ClaimRequest, millis: i64) -> Option<IssueId> {
    store.claim(request, at(millis)).await.expect("answered").map(|claim| claim.issue.issue.id)
}

fn under_lease(to: Status) -> Change {
    Change { actor: agent(), overriding: Override::No, ..change(to) }
}

pub(super) async fn moved<S: Store>(store: &S, id: IssueId, to: Status, secret: &str, millis: i64) {
    let proof = Some(proof(secret));
    let outcome = store.change_status(id, under_lease(to), proof, at(millis)).await.expect("answered");
    assert!(matches!(outcome, ChangeOutcome::Changed(_)), "{outcome:?}");
}

pub(super) fn next(stage: Stage, verdict: Option<Verdict>) -> AttemptUpdate {
    AttemptUpdate {
        stage,
        verdict,
        reason: None,
        base_commit: None,
        base_branch: None,
        commit_hash: None,
        branch: None,
        pull_request_url: None,
        cost: Cost::default(),
        artifacts: Vec::new(),
    }
}

pub(super) async fn update<S: Store>(
    store: &S,
    id: IssueId,
    secret: &str,
    update: AttemptUpdate,
    millis: i64,
) -> AttemptId {
    match store.update_attempt(id, proof(secret), update, at(millis)).await.expect("answered") {
        UnderLease::Done(id) => id,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn status<S: Store>(store: &S, id: IssueId) -> Status {
    store.issue(id).await.expect("read").expect("an issue").issue.status
}

/// A claim takes what was seen last and meets the filters; what is not offered is passed over.
pub async fn claims_are_in_order_and_filtered<S: Store>(store: &S) {
    issue(store, 1, HOUR).await;
    let other = json!({"project_id": "other", "level": "CRITICAL"});
    record(store, vec![received(2, 3 * HOUR, other)]).await;
    record(store, vec![received(3, 4 * HOUR, json!({"source": "cicd"}))]).await;
    let mut trusted = received(4, 2 * HOUR, json!({"level": "WARNING"}));
    trusted.trusted = true;
    record(store, vec![trusted]).await;
    record(store, vec![received(4, 2 * HOUR, json!({"level": "WARNING"}))]).await;
    // Its first event is kept, and came with a key.
    let later = (0..60).map(|_| received(4, 2 * HOUR, json!({"level": "WARNING"}))).collect();
    record(store, later).await;
    let mark = json!({"error": {"type": "ProjectInit", "message": ""}});
    let mark = record(store, vec![received(5, 5 * HOUR, mark)]).await[0].id();
    let now = 6 * HOUR;
    let ask = |change: &dyn Fn(&mut ClaimRequest)| {
        let mut request = wanted("probe");
        change(&mut request);
        request
    };
    let one = |id| Some(IssueId(id));
    for (request, expected) in [
        (ask(&|request| request.project_ids = Some(vec![shop()])), one(4)),
        (ask(&|request| request.scope = Scope::Projects([shop()].into())), one(4)),
        (ask(&|request| request.sources = vec![Source::Cicd]), one(3)),
        (ask(&|request| request.min_level = Some(Level::Critical)), one(2)),
        (ask(&|request| request.trusted = true), one(4)),
        (ask(&|request| request.issue_id = one(1)), one(1)),
        (ask(&|request| request.issue_id = Some(mark)), None),
        (ask(&|request| request.issue_id = one(77)), None),
        (ask(&|request| request.statuses = vec![Status::PendingFix]), None),
        (wanted("probe"), one(2)),
    ] {
        let found = claims(store, request.clone(), now).await;
        assert_eq!(found, expected, "{request:?}");
        if let Some(id) = found {
            // Undone for the next row: this leaves nothing behind.
            moved(store, id, Status::CannotReproduce, "probe", now).await;
            force(store, id, Status::New, now).await;
        }
    }
    let requested = store.request_repair(IssueId(1), None, at(now)).await.expect("answered");
    assert_eq!(requested, RequestOutcome::Requested);
    assert_eq!(claims(store, wanted("probe"), now).await, one(1), "what a person asks for comes first");
}

/// A claimed issue moves on, shows its lease, and is not claimed again; each claim has an epoch of its own.
pub async fn an_issue_is_claimed_once<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    let first = claimed(store, wanted("one"), HOUR).await;
    assert_eq!((first.epoch, first.lease.expires_at), (Epoch(1), at(HOUR + MINUTE)));
    assert_eq!((first.issue.issue.status, &first.project.project_id), (Status::Verifying, &shop()));
    assert!(first.resume.is_none() && first.approved.is_none() && first.hint.is_none());
    let lease = first.issue.issue.lease.clone().expect("shown");
    assert_eq!((&*lease.worker, lease.epoch), ("repair-1", Epoch(1)));
    assert_eq!(claims(store, wanted("two"), HOUR).await, None);

    moved(store, id, Status::PendingFix, "one", HOUR).await;
    moved(store, id, Status::Fixing, "one", HOUR).await;
    moved(store, id, Status::FixFailed, "one", HOUR).await;
    assert!(store.issue(id).await.expect("read").expect("an issue").issue.lease.is_none());
    assert_eq!(claims(store, wanted("two"), HOUR + 59 * MINUTE).await, None, "it waits an hour");
    let second = claimed(store, wanted("two"), 2 * HOUR).await;
    assert_eq!((second.epoch, second.issue.issue.status), (Epoch(2), Status::Fixing));
    let history = store.history(id, None, 10).await.expect("read").expect("an issue");
    let path: Vec<&str> = history.items.iter().rev().map(|(_, entry)| entry.to.as_str()).collect();
    assert_eq!(path, ["VERIFYING", "PENDING_FIX", "FIXING", "FIX_FAILED", "PENDING_FIX", "FIXING"]);
}

/// A heartbeat renews a lease; a release, and running out, give the issue back, and then the lease is worth nothing.
pub async fn a_lease_is_renewed_released_and_lost<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    claimed(store, wanted("one"), HOUR).await;
    let beat = |secret: &'static str, millis| store.heartbeat(id, proof(secret), at(millis));
    let renewed = beat("one", HOUR + 59_999).await.expect("answered");
    let UnderLease::Done(lease) = renewed else { panic!("{renewed:?}") };
    assert_eq!((lease.expires_at, lease.cancel), (at(HOUR + 59_999 + MINUTE), false));
    let wrong = beat("other", HOUR + 60_000).await.expect("answered");
    assert!(matches!(wrong, UnderLease::Refused(LeaseRefused::Lost)), "{wrong:?}");
    let unknown = store.heartbeat(IssueId(77), proof("one"), at(HOUR)).await.expect("answered");
    assert!(matches!(unknown, UnderLease::NotFound), "{unknown:?}");

    let note = Some(Note::cut("no disk"));
    let released = store.release(id, proof("one"), agent(), note, at(HOUR + 60_000)).await.expect("answered");
    assert!(matches!(released, UnderLease::Done(())), "{released:?}");
    let history = store.history(id, None, 1).await.expect("read").expect("an issue");
    let (_, entry) = &history.items[0];
    assert_eq!((entry.to, entry.note.as_deref()), (Status::New, Some("no disk")));
    let again = store.release(id, proof("one"), agent(), None, at(HOUR + 60_001)).await.expect("answered");
    assert!(matches!(again, UnderLease::Refused(LeaseRefused::Lost)), "{again:?}");
    let nowhere = store.release(IssueId(77), proof("one"), agent(), None, at(HOUR)).await.expect("answered");
    assert!(matches!(nowhere, UnderLease::NotFound), "{nowhere:?}");

    claimed(store, wanted("two"), 2 * HOUR).await;
    assert_eq!(store.expire_leases(at(2 * HOUR + MINUTE - 1)).await.expect("answered"), 0);
    assert_eq!(store.expire_leases(at(2 * HOUR + MINUTE)).await.expect("answered"), 1);
    assert_eq!(store.expire_leases(at(2 * HOUR + MINUTE)).await.expect("answered"), 0);
    assert_eq!(status(store, id).await, Status::New);
    let late = beat("two", 2 * HOUR + MINUTE).await.expect("answered");
    assert!(matches!(late, UnderLease::Refused(LeaseRefused::Lost)), "{late:?}");
}

/// An attempt is made by its first report, added to, and kept with what it left behind, but not once it has ended.
pub async fn attempts_are_added_to_and_kept<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    claimed(store, wanted("one"), HOUR).await;
    let artifact =
        |kind, text: &str| Artifact { kind, text: text.into(), bytes: text.len() as i64, truncated: false };
    let (base_commit, base_branch) = (Some(CommitHash::cut("aaa")), Some(Branch::cut("main")));
    let artifacts = vec![artifact(ArtifactKind::TestBefore, "ok"), artifact(ArtifactKind::Prompt, "first")];
    let verdict = Some(Verdict::Reproduced);
    let first = AttemptUpdate { base_commit, base_branch, artifacts, ..next(Stage::Verify, verdict) };
    let attempt = update(store, id, "one", first, HOUR + 1).await;
    let long = "größer ".repeat(100_000);
    let artifacts = vec![artifact(ArtifactKind::Prompt, &long)];
    let cost = Cost { usd: Some(0.25), tokens: Some(9), seconds: Some(1.5) };
    let reason = Some(Note::cut("two tests fail"));
    let second = AttemptUpdate { artifacts, cost, reason, ..next(Stage::Fix, Some(Verdict::TestsFailed)) };
    assert_eq!(update(store, id, "one", second, HOUR + 2).await, attempt);
    let third = store.update_attempt(id, proof("one"), next(Stage::Fix, None), at(HOUR + 3)).await;
    let third = third.expect("answered");
    assert!(matches!(third, UnderLease::Attempt(AttemptRefused::Ended)), "{third:?}");
    let wrong = store.update_attempt(id, proof("no"), next(Stage::Fix, None), at(HOUR + 3)).await;
    let wrong = wrong.expect("answered");
    assert!(matches!(wrong, UnderLease::Refused(LeaseRefused::Lost)), "{wrong:?}");
    let unknown = store.update_attempt(IssueId(77), proof("one"), next(Stage::Fix, None), at(HOUR)).await;
    assert!(matches!(unknown.expect("answered"), UnderLease::NotFound));

    let (kept, artifacts) = store.attempt(attempt).await.expect("read").expect("an attempt");
    assert_eq!((kept.issue_id, kept.epoch, kept.stage), (id, Epoch(1), Stage::Fix));
    assert_eq!((kept.verdict, kept.cost), (Some(Verdict::TestsFailed), cost));
    assert_eq!((kept.started_at, kept.ended_at), (at(HOUR + 1), Some(at(HOUR + 2))));
    assert_eq!((kept.base_commit.as_deref(), kept.base_branch.as_deref()), (Some("aaa"), Some("main")));
    assert_eq!(kept.reason.as_deref(), Some("two tests fail"));
    let expected = [artifact(ArtifactKind::Prompt, &long), artifact(ArtifactKind::TestBefore, "ok")];
    assert_eq!(artifacts, expected);
    assert!(store.attempt(AttemptId(77)).await.expect("read").is_none());

    moved(store, id, Status::PendingFix, "one", HOUR + 4).await;
    moved(store, id, Status::Fixing, "one", HOUR + 4).await;
    moved(store, id, Status::FixFailed, "one", HOUR + 4).await;
    claimed(store, wanted("two"), 3 * HOUR).await;
    let later = update(store, id, "two", next(Stage::Fix, None), 3 * HOUR).await;
    let page = store.attempts(id, None, 1).await.expect("read").expect("an issue");
    assert_eq!((page.items[0].id, page.more), (later, true));
    let page = store.attempts(id, Some(later), 1).await.expect("read").expect("an issue");
    assert_eq!((page.items[0].id, page.more), (attempt, false));
    assert!(store.attempts(IssueId(77), None, 1).await.expect("read").is_none());
    assert!(store.delete_issue(id, at(4 * HOUR)).await.expect("deleted"));
    assert!(store.attempt(attempt).await.expect("read").is_none(), "it goes with its issue");
}

/// A person's change takes an issue back; an agent without its lease changes nothing.
pub async fn a_change_ends_a_lease<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    claimed(store, wanted("one"), HOUR).await;
    let attempt = update(store, id, "one", next(Stage::Verify, None), HOUR).await;
    let alone = store.change_status(id, under_lease(Status::PendingFix), None, at(HOUR)).await;
    assert!(matches!(alone.expect("answered"), ChangeOutcome::LeaseNeeded));
    let by_hand = Change { overriding: Override::No, ..change(Status::New) };
    let taken = store.change_status(id, by_hand, None, at(HOUR + 1)).await.expect("answered");
    assert!(matches!(taken, ChangeOutcome::Changed(_)), "{taken:?}");
    let late = Some(proof("one"));
    let late = store.change_status(id, under_lease(Status::PendingFix), late, at(HOUR + 2)).await;
    let late = late.expect("answered");
    assert!(matches!(late, ChangeOutcome::Lease(LeaseRefused::Lost)), "{late:?}");
    let (ended, _) = store.attempt(attempt).await.expect("read").expect("an attempt");
    assert_eq!((ended.verdict, ended.ended_at), (Some(Verdict::Cancelled), Some(at(HOUR + 1))));
}

/// What an agent meant to push is handed to the next one. Once it is FIXED, it is on its way, and not offered even after
/// a person reopened it.
pub async fn a_lost_publication_is_resumed<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    claimed(store, wanted("one"), HOUR).await;
    moved(store, id, Status::PendingFix, "one", HOUR).await;
    moved(store, id, Status::Fixing, "one", HOUR).await;
    let (branch, commit_hash) = (Some(Branch::cut("logcenter/fix-1-e1")), Some(CommitHash::cut("ccc")));
    let intent = AttemptUpdate {
        branch: branch.clone(),
        commit_hash: commit_hash.clone(),
        ..next(Stage::Publish, Some(Verdict::Fixed))
    };
    update(store, id, "one", intent, HOUR).await;
    assert_eq!(store.expire_leases(at(HOUR + MINUTE)).await.expect("answered"), 1);
    let second = claimed(store, wanted("two"), 2 * HOUR).await;
    let resume = second.resume.expect("a publication");
    assert_eq!((resume.branch, resume.commit_hash.clone()), (branch.clone(), commit_hash.clone()));

    let pull_request_url = Some(Url::cut("https://forge/1"));
    let adopted =
        AttemptUpdate { branch, commit_hash, pull_request_url, ..next(Stage::Publish, Some(Verdict::Fixed)) };
    update(store, id, "two", adopted, 2 * HOUR).await;
    moved(store, id, Status::Fixed, "two", 2 * HOUR).await;
    force(store, id, Status::New, 3 * HOUR).await;
    assert_eq!(claims(store, wanted("three"), 9 * HOUR).await, None, "its fix is on its way");
    store.request_repair(id, None, at(9 * HOUR)).await.expect("answered");
    assert_eq!(claims(store, wanted("three"), 9 * HOUR).await, Some(id));
}

/// A person's request lifts whatever keeps an issue back and carries a hint; a stop reaches the agent.
pub async fn people_order_repairs<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    claimed(store, wanted("one"), HOUR).await;
    assert_eq!(store.stop_repair(id, at(HOUR)).await.expect("answered"), Some(true));
    let beat = store.heartbeat(id, proof("one"), at(HOUR)).await.expect("answered");
    assert!(matches!(&beat, UnderLease::Done(lease) if lease.cancel), "{beat:?}");
    let publish = AttemptUpdate {
        branch: Some(Branch::cut("b")),
        commit_hash: Some(CommitHash::cut("c")),
        ..next(Stage::Publish, None)
    };
    let refused = store.update_attempt(id, proof("one"), publish, at(HOUR)).await.expect("answered");
    assert!(matches!(refused, UnderLease::Refused(LeaseRefused::Stopped)), "{refused:?}");
    store.release(id, proof("one"), agent(), None, at(HOUR)).await.expect("answered");
    assert_eq!(claims(store, wanted("two"), HOUR + 1).await, None);
    let hint = Some(Hint::cut("look at the cache"));
    let requested = store.request_repair(id, hint.clone(), at(HOUR + 1)).await.expect("answered");
    assert_eq!(requested, RequestOutcome::Requested);
    assert_eq!(claimed(store, wanted("two"), HOUR + 1).await.hint, hint);
    force(store, id, Status::Deployed, HOUR + 2).await;
    let refused = store.request_repair(id, None, at(HOUR + 3)).await.expect("answered");
    assert_eq!(refused, RequestOutcome::Refused(Status::Deployed));
    let unknown = store.request_repair(IssueId(77), None, at(HOUR)).await.expect("answered");
    assert_eq!(unknown, RequestOutcome::NotFound);
    assert_eq!(store.stop_repair(id, at(HOUR + 3)).await.expect("answered"), Some(false));
    assert_eq!(store.stop_repair(IssueId(77), at(HOUR)).await.expect("answered"), None);
}

/// A patch waits for a person, who approves the diff that was read; the next claim is told.
pub async fn a_patch_is_approved<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    claimed(store, wanted("one"), HOUR).await;
    moved(store, id, Status::PendingFix, "one", HOUR).await;
    moved(store, id, Status::Fixing, "one", HOUR).await;
    let diff = Artifact { kind: ArtifactKind::Diff, text: "abc".into(), bytes: 3, truncated: false };
    let fixed = AttemptUpdate { artifacts: vec![diff], ..next(Stage::Fix, Some(Verdict::Fixed)) };
    let attempt = update(store, id, "one", fixed, HOUR).await;
    store.release(id, proof("one"), agent(), None, at(HOUR)).await.expect("answered");
    assert_eq!(status(store, id).await, Status::PendingFix);
    assert_eq!(claims(store, wanted("two"), 90 * HOUR).await, None, "it waits for a person");
    let repair = store.repair(id).await.expect("read").expect("an issue");
    assert_eq!((repair.epoch, repair.awaiting_approval, repair.lease), (Epoch(1), true, None));
    assert!(store.repair(IssueId(77)).await.expect("read").is_none());
    // RFC 6234: the digest of "abc".
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let approve = async |attempt_id, diff_sha256: &str| {
        let approval = Approval { attempt_id, diff_sha256: diff_sha256.into() };
        store.approve(id, approval, at(91 * HOUR)).await.expect("answered").expect("an issue")
    };
    assert_eq!(approve(attempt, &digest.replace('b', "c")).await, Err(ApprovalRefused::OtherDiff));
    assert_eq!(approve(AttemptId(77), digest).await, Err(ApprovalRefused::NoPatch));
    assert_eq!(approve(attempt, digest).await, Ok(()));
    assert_eq!(approve(attempt, digest).await, Err(ApprovalRefused::NotAwaited));
    let approval = Approval { attempt_id: attempt, diff_sha256: digest.into() };
    assert!(store.approve(IssueId(77), approval, at(1)).await.expect("answered").is_none());
    let next = claimed(store, wanted("two"), 91 * HOUR).await;
    assert_eq!(next.approved.map(|approved| approved.id), Some(attempt));
}

/// What was claimed with a token goes back when the token is revoked, and nothing is claimed with it any more.
pub async fn tokens_take_their_leases_along<S: Store>(store: &S) {
    let (one, two) = (issue(store, 1, HOUR).await, issue(store, 2, 2 * HOUR).await);
    let token = async |secret: &str| {
        let about = NewToken {
            name: ActorName::cut(secret),
            role: TokenRole::Agent,
            scope: Scope::All,
            expires_at: None,
        };
        store.add_token(SecretHash::of(secret), about, at(HOUR)).await.expect("added").id
    };
    let (first, second) = (token("lct_1").await, token("lct_2").await);
    let with = |secret, token_id| ClaimRequest { token_id: Some(token_id), ..wanted(secret) };
    assert_eq!(claims(store, with("one", first), 2 * HOUR).await, Some(two));
    assert_eq!(claims(store, with("two", second), 2 * HOUR).await, Some(one));
    assert!(store.delete_token(first, at(2 * HOUR)).await.expect("answered"));
    assert_eq!((status(store, one).await, status(store, two).await), (Status::Verifying, Status::New));
    assert_eq!(claims(store, with("three", first), 9 * HOUR).await, None);
    assert_eq!(claims(store, with("four", second), 9 * HOUR).await, Some(two));
}

/// A regression lifts whatever keeps an issue from being offered.
pub async fn a_regression_begins_anew<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    claimed(store, wanted("one"), HOUR).await;
    store.release(id, proof("one"), agent(), None, at(HOUR)).await.expect("answered");
    force(store, id, Status::Fixed, HOUR + 1).await;
    assert_eq!(issue(store, 1, HOUR + 2).await, id);
    assert_eq!(claims(store, wanted("two"), HOUR + 3).await, Some(id), "it does not wait any more");
}
