//! Repairing issues: leases and attempts.

use super::fault::{Fault, Result};
use super::session::Session;
use super::{
    Postgres, attempts, detail, failed_checks, issue_row, projects, repair_queue, repair_row, rows,
    transition,
};
use crate::domain::repair::{
    self, Approval, ApprovalRefused, Artifact, Attempt, AttemptUpdate, Candidate, ClaimRequest, Hook, Lease,
    LeaseProof, Worked,
};
use crate::domain::text::{Hint, Note};
use crate::domain::{Actor, AttemptId, IssueEventKind, IssueId, Page, SecretHash, TokenId};
use crate::store::{Claim, Repairs, RequestOutcome, StoreError, StoreFuture, UnderLease};
use logcenter_core::Timestamp;
use logcenter_core::repair::ArtifactKind;

/// Leases that are taken back in one transaction.
const EXPIRED_AT_ONCE: i64 = 100;

impl Repairs for Postgres {
    fn claim(&self, request: ClaimRequest, now: Timestamp) -> StoreFuture<'_, Option<Claim>> {
        Box::pin(async move {
            let mut after = None;
            loop {
                let found = self.read((request.clone(), after, now), |session, (request, after, now)| {
                    Box::pin(repair_queue::candidates(session, request, *after, *now))
                });
                let repair_queue::Candidates { ids, next } = found.await?;
                if !ids.is_empty() {
                    let claimed = self.write((ids, request.clone(), now), |session, (ids, request, now)| {
                        Box::pin(claim_first(session, ids, request, *now))
                    });
                    if let Some(claimed) = claimed.await? {
                        return Ok(Some(claimed));
                    }
                }
                match next {
                    None => return Ok(None),
                    next => after = next,
                }
            }
        })
    }

    fn heartbeat(
        &self,
        id: IssueId,
        proof: LeaseProof,
        now: Timestamp,
    ) -> StoreFuture<'_, UnderLease<Lease>> {
        self.write((id, proof, now), |session, (id, proof, now)| {
            Box::pin(async move {
                let Some(work) = repair_row::lock(session, *id).await? else {
                    return Ok(UnderLease::NotFound);
                };
                match work.repair.proven(*proof, *now) {
                    Err(refused) => Ok(UnderLease::Refused(refused)),
                    Ok(lease) => {
                        let lease = lease.clone().renewed(*now);
                        let renewed = repair::Repair { lease: Some(lease.clone()), ..work.repair };
                        repair_row::write(session, *id, &renewed).await?;
                        Ok(UnderLease::Done(lease))
                    }
                }
            })
        })
    }

    fn release(
        &self,
        id: IssueId,
        proof: LeaseProof,
        actor: Actor,
        note: Option<Note>,
        now: Timestamp,
    ) -> StoreFuture<'_, UnderLease<()>> {
        self.write((id, proof, actor, note, now), |session, (id, proof, actor, note, now)| {
            Box::pin(async move {
                let Some(work) = repair_row::lock(session, *id).await? else {
                    return Ok(UnderLease::NotFound);
                };
                match repair::release(work, *proof, actor, note.clone(), *now) {
                    Err(refused) => Ok(UnderLease::Refused(refused)),
                    Ok(worked) => {
                        write(session, *id, &worked, *now).await?;
                        Ok(UnderLease::Done(()))
                    }
                }
            })
        })
    }

    fn update_attempt(
        &self,
        id: IssueId,
        proof: LeaseProof,
        update: AttemptUpdate,
        now: Timestamp,
    ) -> StoreFuture<'_, UnderLease<AttemptId>> {
        self.write((id, proof, update, now), |session, (id, proof, update, now)| {
            Box::pin(update_attempt(session, *id, *proof, update, *now))
        })
    }

    fn repair(&self, id: IssueId) -> StoreFuture<'_, Option<repair::Repair>> {
        self.read(id, |session, id| {
            Box::pin(async move { Ok(repair_row::work(session, *id).await?.map(|work| work.repair)) })
        })
    }

    fn attempts(
        &self,
        id: IssueId,
        before: Option<AttemptId>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<Attempt>>> {
        self.read((id, before, limit), |session, (id, before, limit)| {
            Box::pin(attempts::page(session, *id, *before, *limit))
        })
    }

    fn attempt(&self, id: AttemptId) -> StoreFuture<'_, Option<(Attempt, Vec<Artifact>)>> {
        self.read(id, |session, id| {
            Box::pin(async move {
                let Some(attempt) = attempts::by_id(session, *id).await? else { return Ok(None) };
                Ok(Some((attempt, attempts::artifacts(session, *id).await?)))
            })
        })
    }

    fn request_repair(
        &self,
        id: IssueId,
        hint: Option<Hint>,
        now: Timestamp,
    ) -> StoreFuture<'_, RequestOutcome> {
        self.write((id, hint, now), |session, (id, hint, now)| {
            Box::pin(async move {
                let Some(work) = repair_row::lock(session, *id).await? else {
                    return Ok(RequestOutcome::NotFound);
                };
                let status = work.standing.status;
                if !work.repair.can_be_requested(status) {
                    return Ok(RequestOutcome::Refused(status));
                }
                repair_row::write(session, *id, &work.repair.requested(hint.clone(), *now)).await?;
                session.announce(*id, IssueEventKind::StatusChanged, *now);
                Ok(RequestOutcome::Requested)
            })
        })
    }

    fn stop_repair(&self, id: IssueId, now: Timestamp) -> StoreFuture<'_, Option<bool>> {
        self.write((id, now), |session, (id, now)| {
            Box::pin(async move {
                let Some(work) = repair_row::lock(session, *id).await? else { return Ok(None) };
                let Some(stopped) = work.repair.stopped(*now) else { return Ok(Some(false)) };
                repair_row::write(session, *id, &stopped).await?;
                session.announce(*id, IssueEventKind::StatusChanged, *now);
                Ok(Some(true))
            })
        })
    }

    fn approve(
        &self,
        id: IssueId,
        approval: Approval,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<std::result::Result<(), ApprovalRefused>>> {
        self.write((id, approval, now), |session, (id, approval, now)| {
            Box::pin(async move {
                let Some(work) = repair_row::lock(session, *id).await? else { return Ok(None) };
                let attempt = attempts::by_id(session, approval.attempt_id).await?;
                let attempt = attempt.filter(|attempt| attempt.issue_id == *id);
                let diff = attempts::artifact_of(session, approval.attempt_id, ArtifactKind::Diff).await?;
                let status = work.standing.status;
                let approved = work.repair.approved(status, attempt.as_ref(), diff.as_ref(), approval, *now);
                if let Ok(repair) = &approved {
                    repair_row::write(session, *id, repair).await?;
                    session.announce(*id, IssueEventKind::StatusChanged, *now);
                }
                Ok(Some(approved.map(|_| ())))
            })
        })
    }

    fn hook(&self, hook: Hook, digest: SecretHash, now: Timestamp) -> StoreFuture<'_, Vec<IssueId>> {
        self.write((hook, digest, now), |session, (hook, digest, now)| {
            Box::pin(apply_hook(session, hook, *digest, *now))
        })
    }

    fn expire_leases(&self, now: Timestamp) -> StoreFuture<'_, usize> {
        Box::pin(async move {
            let expired = self
                .read(now.millis(), |session, now| Box::pin(leased(session, "lease_expires_at <= $1", *now)));
            let ids = expired.await?;
            if ids.is_empty() {
                return Ok(0);
            }
            let expire = self.write((ids, now), |session, (ids, now)| {
                Box::pin(async move {
                    for &id in ids {
                        if let Some(work) = repair_row::lock(session, id).await?
                            && let Some(worked) = repair::expire(work, *now)
                        {
                            write(session, id, &worked, *now).await?;
                        }
                    }
                    Ok(ids.len())
                })
            });
            expire.await
        })
    }
}

/// Takes back all issues that were claimed with a token.
pub(super) async fn revoke(session: &Session<'_>, token_id: TokenId, now: Timestamp) -> Result<()> {
    loop {
        let condition = "lease_expires_at IS NOT NULL AND lease_token_id = $1";
        let ids = leased(session, condition, token_id.0).await?;
        for &id in &ids {
            if let Some(work) = repair_row::lock(session, id).await?
                && work.repair.lease.as_ref().is_some_and(|lease| lease.token_id == Some(token_id))
            {
                write(session, id, &repair::revoke(work, now), now).await?;
            }
        }
        if ids.is_empty() {
            return Ok(());
        }
    }
}

/// Some of the issues whose lease meets a condition, in the order in which they are locked.
async fn leased(session: &Session<'_>, condition: &str, value: i64) -> Result<Vec<IssueId>> {
    let sql = format!(
        "SELECT issue_id FROM (SELECT issue_id FROM repairs WHERE {condition} ORDER BY lease_expires_at LIMIT $2) AS first
         ORDER BY issue_id"
    );
    let rows = session.query(&sql, &[&value, &EXPIRED_AT_ONCE]).await?;
    rows.iter().map(|row| rows::issue_id(row, "issue_id")).collect()
}

async fn apply_hook(
    session: &Session<'_>,
    hook: &Hook,
    digest: SecretHash,
    now: Timestamp,
) -> Result<Vec<IssueId>> {
    let digest = &digest.as_bytes()[..];
    if session.exists("SELECT 1 FROM hooks WHERE digest = $1", &[&digest]).await? {
        return Ok(Vec::new());
    }
    let mut changed = Vec::new();
    let ids = published(session, hook).await?;
    for &id in &ids {
        if let Some(work) = repair_row::lock(session, id).await?
            && let Some(worked) = repair::hook(work, hook, now)
        {
            write(session, id, &worked, now).await?;
            changed.push(id);
        }
    }
    if changed.is_empty() {
        // What came too early may be sent again.
        if let Hook::Checked { commit, .. } = hook {
            failed_checks::lock(session, commit).await?;
            if published(session, hook).await? != ids {
                return Err(Fault::Conflict("a fix has been published meanwhile".into()));
            }
        }
        failed_checks::remember(session, hook, now).await?;
    } else {
        let taken = "INSERT INTO hooks (digest, received_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        if session.execute(taken, &[&digest, &now.millis()]).await? == 0 {
            return Err(Fault::Conflict("the same was told to another replica".into()));
        }
    }
    Ok(changed)
}

/// The issues with a fix on its way that a hook may be about.
async fn published(session: &Session<'_>, hook: &Hook) -> Result<Vec<IssueId>> {
    let (condition, value) = match hook {
        Hook::Merged { pull_request, .. } | Hook::Closed { pull_request } => {
            ("publication_url = $1", &*pull_request.url)
        }
        Hook::Checked { commit, .. } => (
            "publication_url IS NOT NULL AND (merged_commit = $1
               OR EXISTS (SELECT 1 FROM issues WHERE id = issue_id AND fix_commit = $1))",
            &**commit,
        ),
    };
    let sql = format!("SELECT issue_id FROM repairs WHERE {condition} ORDER BY issue_id");
    let rows = session.query(&sql, &[&value]).await?;
    rows.iter().map(|row| rows::issue_id(row, "issue_id")).collect()
}

/// Claims the first of some issues that is still offered.
async fn claim_first(
    session: &Session<'_>,
    ids: &[IssueId],
    request: &ClaimRequest,
    now: Timestamp,
) -> Result<Option<Claim>> {
    if let Some(token_id) = request.token_id {
        // It may have been revoked meanwhile; and it must not be while this goes on.
        if !session.exists("SELECT 1 FROM tokens WHERE id = $1 FOR SHARE", &[&token_id.0]).await? {
            return Ok(None);
        }
    }
    let mut are_locked = false;
    for &id in ids {
        // One that somebody else is about to claim is left to them: waiting for each would get the last of them nothing.
        let Some(standing) = issue_row::standing(session, id, "FOR UPDATE SKIP LOCKED").await? else {
            are_locked |= issue_row::exists(session, id).await?;
            continue;
        };
        let Some(detail) = detail::read(session, id).await? else { continue };
        let repair = repair_row::read(session, id).await?;
        let candidate = Candidate { standing, error_type: detail.issue.error.error_type, repair };
        let Some(claimed) = repair::claim(candidate, request, now) else { continue };
        for transition in &claimed.transitions {
            transition::write(session, id, transition, IssueEventKind::StatusChanged).await?;
        }
        repair_row::write(session, id, &claimed.repair).await?;
        return claim(session, id, claimed.repair).await.map(Some);
    }
    // It is not known yet what becomes of them.
    if are_locked { Err(Fault::Conflict("others are at these issues".into())) } else { Ok(None) }
}

/// What an agent is told of an issue that it has just claimed.
async fn claim(session: &Session<'_>, id: IssueId, repair: repair::Repair) -> Result<Claim> {
    let gone = || Fault::Store(StoreError::Failed(format!("issue {id} is gone")));
    let issue = detail::read(session, id).await?.ok_or_else(gone)?;
    let project = projects::one(session, &issue.issue.project_id, "").await?.ok_or_else(gone)?;
    let approved = match repair.approved_attempt {
        Some(approved) => attempts::by_id(session, approved).await?,
        None => None,
    };
    Ok(Claim {
        issue: Box::new(issue),
        project: Box::new(project),
        epoch: repair.epoch,
        lease: repair.lease.ok_or_else(gone)?,
        resume: repair::resumable(attempts::newest(session, id).await?),
        approved,
        hint: repair.hint,
    })
}

async fn update_attempt(
    session: &Session<'_>,
    id: IssueId,
    proof: LeaseProof,
    update: &AttemptUpdate,
    now: Timestamp,
) -> Result<UnderLease<AttemptId>> {
    let Some(work) = repair_row::lock(session, id).await? else { return Ok(UnderLease::NotFound) };
    let held = match update.is_intent(work.attempt.as_ref()) {
        true => work.repair.may_go_on(proof, now),
        false => work.repair.proven(proof, now),
    };
    let lease = match held {
        Ok(lease) => lease,
        Err(refused) => return Ok(UnderLease::Refused(refused)),
    };
    let attempt = match work.attempt {
        Some(attempt) => attempt,
        None => {
            let new = attempts::new_id(session).await?;
            Attempt::begun(new, id, work.repair.epoch, &lease.worker, now)
        }
    };
    match repair::update(attempt, update, now) {
        Err(refused) => Ok(UnderLease::Attempt(refused)),
        Ok(attempt) => {
            attempts::write(session, &attempt).await?;
            for artifact in &update.artifacts {
                attempts::write_artifact(session, attempt.id, artifact).await?;
            }
            Ok(UnderLease::Done(attempt.id))
        }
    }
}

/// Writes what a change of the status, or the end of a lease, leads to.
pub(super) async fn write(session: &Session<'_>, id: IssueId, worked: &Worked, now: Timestamp) -> Result<()> {
    match &worked.transition {
        Some(transition) => {
            transition::write(session, id, transition, IssueEventKind::StatusChanged).await?;
        }
        None => session.announce(id, IssueEventKind::StatusChanged, now),
    }
    repair_row::write(session, id, &worked.repair).await?;
    if let Some(attempt) = &worked.attempt {
        attempts::write(session, attempt).await?;
    }
    Ok(())
}
