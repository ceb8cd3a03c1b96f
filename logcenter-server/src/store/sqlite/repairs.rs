//! Repairing issues: leases and attempts.

use super::session::Session;
use super::{Sqlite, attempts, detail, failed_checks, issue_row, projects, repair_queue, repair_row};
use crate::domain::repair::{
    self, Approval, ApprovalRefused, Artifact, Attempt, AttemptUpdate, Candidate, ClaimRequest, Hook, Lease,
    LeaseProof, Worked,
};
use crate::domain::text::{Hint, Note};
use crate::domain::{Actor, AttemptId, IssueEventKind, IssueId, Page, SecretHash, TokenId};
use crate::store::{Claim, Repairs, RequestOutcome, StoreError, StoreFuture, UnderLease};
use logcenter_core::Timestamp;
use logcenter_core::repair::ArtifactKind;
use rusqlite::params;

/// Leases that are taken back in one transaction.
const EXPIRED_AT_ONCE: u32 = 100;

impl Repairs for Sqlite {
    fn claim(&self, request: ClaimRequest, now: Timestamp) -> StoreFuture<'_, Option<Claim>> {
        Box::pin(async move {
            let mut after = None;
            loop {
                // Found by a reader, so that reports do not wait, and decided by the writer.
                let wanted = request.clone();
                let found = self.read(move |connection, kept| {
                    repair_queue::candidates(connection, &wanted, after, kept, now)
                });
                let repair_queue::Candidates { ids, next } = found.await?;
                if !ids.is_empty() {
                    let wanted = request.clone();
                    let claimed = self.writer.write(move |session| claim_first(session, &ids, &wanted, now));
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
        self.writer.run(move |session| {
            let Some(work) = repair_row::work(&session.transaction, id)? else {
                return Ok(UnderLease::NotFound);
            };
            match work.repair.proven(proof, now) {
                Err(refused) => Ok(UnderLease::Refused(refused)),
                Ok(lease) => {
                    let lease = lease.clone().renewed(now);
                    let renewed = repair::Repair { lease: Some(lease.clone()), ..work.repair };
                    repair_row::write(&session.transaction, id, &renewed)?;
                    Ok(UnderLease::Done(lease))
                }
            }
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
        self.writer.write(move |session| {
            let Some(work) = repair_row::work(&session.transaction, id)? else {
                return Ok(UnderLease::NotFound);
            };
            match repair::release(work, proof, &actor, note, now) {
                Err(refused) => Ok(UnderLease::Refused(refused)),
                Ok(worked) => {
                    write(session, id, &worked, now)?;
                    Ok(UnderLease::Done(()))
                }
            }
        })
    }

    fn update_attempt(
        &self,
        id: IssueId,
        proof: LeaseProof,
        update: AttemptUpdate,
        now: Timestamp,
    ) -> StoreFuture<'_, UnderLease<AttemptId>> {
        self.writer.run(move |session| update_attempt(session, id, proof, &update, now))
    }

    fn repair(&self, id: IssueId) -> StoreFuture<'_, Option<repair::Repair>> {
        self.read(move |connection, _| Ok(repair_row::work(connection, id)?.map(|work| work.repair)))
    }

    fn attempts(
        &self,
        id: IssueId,
        before: Option<AttemptId>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<Attempt>>> {
        self.read(move |connection, _| attempts::page(connection, id, before, limit))
    }

    fn attempt(&self, id: AttemptId) -> StoreFuture<'_, Option<(Attempt, Vec<Artifact>)>> {
        self.read(move |connection, _| {
            let Some(attempt) = attempts::get(connection, id)? else { return Ok(None) };
            Ok(Some((attempt, attempts::artifacts(connection, id)?)))
        })
    }

    fn request_repair(
        &self,
        id: IssueId,
        hint: Option<Hint>,
        now: Timestamp,
    ) -> StoreFuture<'_, RequestOutcome> {
        self.writer.run(move |session| {
            let Some(work) = repair_row::work(&session.transaction, id)? else {
                return Ok(RequestOutcome::NotFound);
            };
            let status = work.standing.status;
            if !work.repair.can_be_requested(status) {
                return Ok(RequestOutcome::Refused(status));
            }
            repair_row::write(&session.transaction, id, &work.repair.requested(hint, now))?;
            session.announce(id, IssueEventKind::StatusChanged, now)?;
            Ok(RequestOutcome::Requested)
        })
    }

    fn stop_repair(&self, id: IssueId, now: Timestamp) -> StoreFuture<'_, Option<bool>> {
        self.writer.run(move |session| {
            let Some(work) = repair_row::work(&session.transaction, id)? else { return Ok(None) };
            let Some(stopped) = work.repair.stopped(now) else { return Ok(Some(false)) };
            repair_row::write(&session.transaction, id, &stopped)?;
            session.announce(id, IssueEventKind::StatusChanged, now)?;
            Ok(Some(true))
        })
    }

    fn approve(
        &self,
        id: IssueId,
        approval: Approval,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<Result<(), ApprovalRefused>>> {
        self.writer.run(move |session| {
            let transaction = &session.transaction;
            let Some(work) = repair_row::work(transaction, id)? else { return Ok(None) };
            let attempt = attempts::get(transaction, approval.attempt_id)?;
            let attempt = attempt.filter(|attempt| attempt.issue_id == id);
            let diff = attempts::artifact_of(transaction, approval.attempt_id, ArtifactKind::Diff)?;
            let status = work.standing.status;
            let approved = work.repair.approved(status, attempt.as_ref(), diff.as_ref(), &approval, now);
            if let Ok(repair) = &approved {
                repair_row::write(transaction, id, repair)?;
                session.announce(id, IssueEventKind::StatusChanged, now)?;
            }
            Ok(Some(approved.map(|_| ())))
        })
    }

    fn hook(&self, hook: Hook, digest: SecretHash, now: Timestamp) -> StoreFuture<'_, Vec<IssueId>> {
        self.writer.write(move |session| {
            let known = "SELECT 1 FROM hooks WHERE digest = ?1";
            if session.transaction.prepare_cached(known)?.exists([digest.as_bytes()])? {
                return Ok(Vec::new());
            }
            let mut changed = Vec::new();
            for id in published(session, &hook)? {
                if let Some(work) = repair_row::work(&session.transaction, id)?
                    && let Some(worked) = repair::hook(work, &hook, now)
                {
                    write(session, id, &worked, now)?;
                    changed.push(id);
                }
            }
            if changed.is_empty() {
                // What came too early may be sent again.
                failed_checks::remember(&session.transaction, &hook, now)?;
            } else {
                let taken = "INSERT INTO hooks (digest, received_at) VALUES (?1, ?2)";
                let row = params![digest.as_bytes(), now.millis()];
                session.transaction.prepare_cached(taken)?.execute(row)?;
            }
            Ok(changed)
        })
    }

    fn expire_leases(&self, now: Timestamp) -> StoreFuture<'_, usize> {
        Box::pin(async move {
            // Asked every second, so a reader finds out whether there is anything to write.
            let any = self.peek(move |connection| {
                let sql = "SELECT EXISTS (SELECT 1 FROM repairs WHERE lease_expires_at <= ?1)";
                Ok(connection.prepare_cached(sql)?.query_row([now.millis()], |row| row.get::<_, bool>(0))?)
            });
            if !any.await? {
                return Ok(0);
            }
            let expire = self.writer.write(move |session| {
                let ids = leased(session, "lease_expires_at <= ?1", now.millis())?;
                for &id in &ids {
                    if let Some(work) = repair_row::work(&session.transaction, id)?
                        && let Some(worked) = repair::expire(work, now)
                    {
                        write(session, id, &worked, now)?;
                    }
                }
                Ok(ids.len())
            });
            expire.await
        })
    }
}

/// Takes back all issues that were claimed with a token.
pub(super) fn revoke(session: &mut Session<'_>, token_id: TokenId, now: Timestamp) -> Result<(), StoreError> {
    loop {
        let ids = leased(session, "lease_expires_at IS NOT NULL AND lease_token_id = ?1", token_id.0)?;
        for &id in &ids {
            if let Some(work) = repair_row::work(&session.transaction, id)? {
                write(session, id, &repair::revoke(work, now), now)?;
            }
        }
        if ids.is_empty() {
            return Ok(());
        }
    }
}

/// Some of the issues whose lease meets a condition.
fn leased(session: &Session<'_>, condition: &str, value: i64) -> Result<Vec<IssueId>, StoreError> {
    let sql = format!("SELECT issue_id FROM repairs WHERE {condition} ORDER BY lease_expires_at LIMIT ?2");
    let mut select = session.transaction.prepare_cached(&sql)?;
    let rows = select.query_map(params![value, EXPIRED_AT_ONCE], |row| row.get(0).map(IssueId))?;
    let mut ids = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    ids.sort_unstable();
    Ok(ids)
}

/// The issues with a fix on its way that a hook may be about.
fn published(session: &Session<'_>, hook: &Hook) -> Result<Vec<IssueId>, StoreError> {
    let (condition, value) = match hook {
        Hook::Merged { pull_request, .. } | Hook::Closed { pull_request } => {
            ("publication_url = ?1", &*pull_request.url)
        }
        Hook::Checked { commit, .. } => (
            "publication_url IS NOT NULL AND (merged_commit = ?1
               OR EXISTS (SELECT 1 FROM issues WHERE id = issue_id AND fix_commit = ?1))",
            &**commit,
        ),
    };
    let sql = format!("SELECT issue_id FROM repairs WHERE {condition} ORDER BY issue_id");
    let mut select = session.transaction.prepare_cached(&sql)?;
    let rows = select.query_map([value], |row| row.get(0).map(IssueId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Claims the first of some issues that is still offered.
fn claim_first(
    session: &mut Session<'_>,
    ids: &[IssueId],
    request: &ClaimRequest,
    now: Timestamp,
) -> Result<Option<Claim>, StoreError> {
    if let Some(token_id) = request.token_id {
        // It may have been revoked meanwhile, perhaps by another replica.
        let known = "SELECT 1 FROM tokens WHERE id = ?1";
        if !session.transaction.prepare_cached(known)?.exists([token_id.0])? {
            return Ok(None);
        }
    }
    for &id in ids {
        let Some(detail) = detail::read(&session.transaction, id)? else { continue };
        let Some(standing) = issue_row::standing(&session.transaction, id)? else { continue };
        let repair = repair_row::read(&session.transaction, id)?;
        let candidate = Candidate { standing, error_type: detail.issue.error.error_type, repair };
        let Some(claimed) = repair::claim(candidate, request, now) else { continue };
        for transition in &claimed.transitions {
            session.write_transition(id, transition, IssueEventKind::StatusChanged)?;
        }
        repair_row::write(&session.transaction, id, &claimed.repair)?;
        return claim(session, id, claimed.repair).map(Some);
    }
    Ok(None)
}

/// What an agent is told of an issue that it has just claimed.
fn claim(session: &Session<'_>, id: IssueId, repair: repair::Repair) -> Result<Claim, StoreError> {
    let transaction = &session.transaction;
    let gone = || StoreError::Failed(format!("issue {id} is gone"));
    let issue = detail::read(transaction, id)?.ok_or_else(gone)?;
    let project = projects::one(transaction, &issue.issue.project_id)?.ok_or_else(gone)?;
    let approved = match repair.approved_attempt {
        Some(approved) => attempts::get(transaction, approved)?,
        None => None,
    };
    Ok(Claim {
        issue: Box::new(issue),
        project: Box::new(project),
        epoch: repair.epoch,
        lease: repair.lease.ok_or_else(gone)?,
        resume: repair::resumable(attempts::newest(transaction, id)?),
        approved,
        hint: repair.hint,
    })
}

fn update_attempt(
    session: &Session<'_>,
    id: IssueId,
    proof: LeaseProof,
    update: &AttemptUpdate,
    now: Timestamp,
) -> Result<UnderLease<AttemptId>, StoreError> {
    let transaction = &session.transaction;
    let Some(work) = repair_row::work(transaction, id)? else { return Ok(UnderLease::NotFound) };
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
            let new = attempts::new_id(transaction)?;
            Attempt::begun(new, id, work.repair.epoch, &lease.worker, now)
        }
    };
    match repair::update(attempt, update, now) {
        Err(refused) => Ok(UnderLease::Attempt(refused)),
        Ok(attempt) => {
            attempts::write(transaction, &attempt)?;
            for artifact in &update.artifacts {
                attempts::write_artifact(transaction, attempt.id, artifact)?;
            }
            Ok(UnderLease::Done(attempt.id))
        }
    }
}

/// Writes what a change of the status, or the end of a lease, leads to.
pub(super) fn write(
    session: &mut Session<'_>,
    id: IssueId,
    worked: &Worked,
    now: Timestamp,
) -> Result<(), StoreError> {
    match &worked.transition {
        Some(transition) => session.write_transition(id, transition, IssueEventKind::StatusChanged)?,
        None => session.announce(id, IssueEventKind::StatusChanged, now)?,
    }
    repair_row::write(&session.transaction, id, &worked.repair)?;
    if let Some(attempt) = &worked.attempt {
        attempts::write(&session.transaction, attempt)?;
    }
    Ok(())
}
