//! The row of an issue's repair.

use super::fault::Result;
use super::rows::{self, get, time_or_null};
use super::session::Session;
use super::{attempts, issue_row};
use crate::domain::repair::{Lease, Publication, Repair, Work};
use crate::domain::text::ActorName;
use crate::domain::{AttemptId, Epoch, IssueId, TokenId};
use crate::store::columns;
use logcenter_core::Timestamp;
use tokio_postgres::Row;

/// What is known about the repair of an issue.
pub(super) async fn read(session: &Session<'_>, id: IssueId) -> Result<Repair> {
    let row = session.optional("SELECT * FROM repairs WHERE issue_id = $1", &[&id.0]).await?;
    row.map_or_else(|| Ok(Repair::default()), |row| rows::intact("repairs", &row, repair))
}

/// An issue, and the work on it. `None` if there is no such issue.
pub(super) async fn work(session: &Session<'_>, id: IssueId) -> Result<Option<Work>> {
    work_with(session, id, "").await
}

/// As [`work`], and locks the issue.
pub(super) async fn lock(session: &Session<'_>, id: IssueId) -> Result<Option<Work>> {
    work_with(session, id, "FOR UPDATE").await
}

async fn work_with(session: &Session<'_>, id: IssueId, lock: &str) -> Result<Option<Work>> {
    let Some(standing) = issue_row::standing(session, id, lock).await? else { return Ok(None) };
    let repair = read(session, id).await?;
    let attempt = attempts::of_epoch(session, id, repair.epoch).await?;
    Ok(Some(Work { standing, repair, attempt }))
}

fn repair(row: &Row) -> Result<Repair> {
    let lease = match time_or_null(row, "lease_expires_at")? {
        None => None,
        Some(expires_at) => Some(Lease {
            worker: ActorName::cut(get(row, "worker")?),
            secret: rows::secret(row, "lease_secret")?,
            token_id: get::<Option<i64>>(row, "lease_token_id")?.map(TokenId),
            seconds: get(row, "lease_seconds")?,
            expires_at,
            cancel: get(row, "lease_cancel")?,
        }),
    };
    let publication = match rows::text(row, "publication_branch")? {
        None => None,
        Some(branch) => Some(Publication {
            branch,
            base_branch: rows::text(row, "publication_base")?,
            pull_request_url: rows::text(row, "publication_url")?,
            merged_commit: rows::text(row, "merged_commit")?,
            failed_checks: columns::read_checks(get(row, "failed_checks")?),
        }),
    };
    let number = |column| get::<i64>(row, column).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    Ok(Repair {
        epoch: Epoch(get(row, "epoch")?),
        lease,
        failed: number("failed")?,
        abandoned: number("abandoned")?,
        not_before: time_or_null(row, "not_before")?,
        given_up: get(row, "given_up")?,
        awaiting_approval: get(row, "awaiting_approval")?,
        requested_at: time_or_null(row, "requested_at")?,
        hint: rows::text(row, "hint")?,
        approved_attempt: get::<Option<i64>>(row, "approved_attempt")?.map(AttemptId),
        publication,
    })
}

/// Writes what is known about the repair of an issue.
pub(super) async fn write(session: &Session<'_>, id: IssueId, repair: &Repair) -> Result<()> {
    let (lease, publication) = (repair.lease.as_ref(), repair.publication.as_ref());
    session
        .execute(
            "INSERT INTO repairs (issue_id, epoch, worker, lease_secret, lease_token_id, lease_seconds, lease_expires_at,
               lease_cancel, failed, abandoned, not_before, given_up, awaiting_approval, requested_at, hint,
               approved_attempt, publication_branch, publication_base, publication_url, merged_commit, failed_checks)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
             ON CONFLICT (issue_id) DO UPDATE SET epoch = excluded.epoch, worker = excluded.worker,
               lease_secret = excluded.lease_secret, lease_token_id = excluded.lease_token_id,
               lease_seconds = excluded.lease_seconds, lease_expires_at = excluded.lease_expires_at,
               lease_cancel = excluded.lease_cancel, failed = excluded.failed, abandoned = excluded.abandoned,
               not_before = excluded.not_before, given_up = excluded.given_up,
               awaiting_approval = excluded.awaiting_approval, requested_at = excluded.requested_at,
               hint = excluded.hint, approved_attempt = excluded.approved_attempt,
               publication_branch = excluded.publication_branch, publication_base = excluded.publication_base,
               publication_url = excluded.publication_url, merged_commit = excluded.merged_commit,
               failed_checks = excluded.failed_checks",
            &[
                &id.0,
                &repair.epoch.0,
                &lease.map(|lease| &*lease.worker),
                &lease.map(|lease| &lease.secret.as_bytes()[..]),
                &lease.and_then(|lease| lease.token_id).map(|id| id.0),
                &lease.map(|lease| lease.seconds),
                &lease.map(|lease| lease.expires_at.millis()),
                &lease.map(|lease| lease.cancel),
                &i64::from(repair.failed),
                &i64::from(repair.abandoned),
                &repair.not_before.map(Timestamp::millis),
                &repair.given_up,
                &repair.awaiting_approval,
                &repair.requested_at.map(Timestamp::millis),
                &repair.hint.as_deref(),
                &repair.approved_attempt.map(|id| id.0),
                &publication.map(|publication| &*publication.branch),
                &publication.and_then(|publication| publication.base_branch.as_deref()),
                &publication.and_then(|publication| publication.pull_request_url.as_deref()),
                &publication.and_then(|publication| publication.merged_commit.as_deref()),
                &publication.map(|publication| columns::write_checks(&publication.failed_checks)),
            ],
        )
        .await
        .map(drop)
}
