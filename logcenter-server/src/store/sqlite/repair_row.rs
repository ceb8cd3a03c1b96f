//! The row of an issue's repair.

use super::rows::{self, time_or_null};
use super::{attempts, issue_row};
use crate::domain::repair::{Lease, Publication, Repair, Work};
use crate::domain::text::ActorName;
use crate::domain::{AttemptId, Epoch, IssueId, SecretHash, TokenId};
use crate::store::{StoreError, columns};
use logcenter_core::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, named_params};

/// What is known about the repair of an issue.
pub(super) fn read(connection: &Connection, id: IssueId) -> Result<Repair> {
    let mut select = connection.prepare_cached("SELECT * FROM repairs WHERE issue_id = ?1")?;
    Ok(select.query_row([id.0], |row| rows::intact("repairs", row, repair)).optional()?.unwrap_or_default())
}

/// An issue, and the work on it. `None` if there is no such issue.
pub(super) fn work(connection: &Connection, id: IssueId) -> std::result::Result<Option<Work>, StoreError> {
    let Some(standing) = issue_row::standing(connection, id)? else { return Ok(None) };
    let repair = read(connection, id)?;
    let attempt = attempts::of_epoch(connection, id, repair.epoch)?;
    Ok(Some(Work { standing, repair, attempt }))
}

fn repair(row: &Row<'_>) -> Result<Repair> {
    let lease = match time_or_null(row, "lease_expires_at")? {
        None => None,
        Some(expires_at) => Some(Lease {
            worker: ActorName::cut(row.get_ref("worker")?.as_str()?),
            secret: SecretHash::from_bytes(row.get("lease_secret")?),
            token_id: row.get::<_, Option<i64>>("lease_token_id")?.map(TokenId),
            seconds: row.get("lease_seconds")?,
            expires_at,
            cancel: row.get("lease_cancel")?,
        }),
    };
    let publication = match rows::text(row, "publication_branch")? {
        None => None,
        Some(branch) => Some(Publication {
            branch,
            base_branch: rows::text(row, "publication_base")?,
            pull_request_url: rows::text(row, "publication_url")?,
            merged_commit: rows::text(row, "merged_commit")?,
            failed_checks: columns::read_checks(row.get("failed_checks")?),
        }),
    };
    Ok(Repair {
        epoch: Epoch(row.get("epoch")?),
        lease,
        failed: row.get("failed")?,
        abandoned: row.get("abandoned")?,
        not_before: time_or_null(row, "not_before")?,
        given_up: row.get("given_up")?,
        awaiting_approval: row.get("awaiting_approval")?,
        requested_at: time_or_null(row, "requested_at")?,
        hint: rows::text(row, "hint")?,
        approved_attempt: row.get::<_, Option<i64>>("approved_attempt")?.map(AttemptId),
        publication,
    })
}

/// Writes what is known about the repair of an issue.
pub(super) fn write(transaction: &Transaction<'_>, id: IssueId, repair: &Repair) -> Result<()> {
    let mut upsert = transaction.prepare_cached(
        "INSERT OR REPLACE INTO repairs (issue_id, epoch, worker, lease_secret, lease_token_id, lease_seconds,
           lease_expires_at, lease_cancel, failed, abandoned, not_before, given_up, awaiting_approval, requested_at,
           hint, approved_attempt, publication_branch, publication_base, publication_url, merged_commit,
           failed_checks)
         VALUES (:issue_id, :epoch, :worker, :lease_secret, :lease_token_id, :lease_seconds, :lease_expires_at,
           :lease_cancel, :failed, :abandoned, :not_before, :given_up, :awaiting_approval, :requested_at, :hint,
           :approved_attempt, :publication_branch, :publication_base, :publication_url, :merged_commit, :failed_checks)",
    )?;
    let (lease, publication) = (repair.lease.as_ref(), repair.publication.as_ref());
    upsert.execute(named_params! {
        ":issue_id": id.0,
        ":epoch": repair.epoch.0,
        ":worker": lease.map(|lease| &*lease.worker),
        ":lease_secret": lease.map(|lease| lease.secret.as_bytes()),
        ":lease_token_id": lease.and_then(|lease| lease.token_id).map(|id| id.0),
        ":lease_seconds": lease.map(|lease| lease.seconds),
        ":lease_expires_at": lease.map(|lease| lease.expires_at.millis()),
        ":lease_cancel": lease.map(|lease| lease.cancel),
        ":failed": repair.failed,
        ":abandoned": repair.abandoned,
        ":not_before": repair.not_before.map(Timestamp::millis),
        ":given_up": repair.given_up,
        ":awaiting_approval": repair.awaiting_approval,
        ":requested_at": repair.requested_at.map(Timestamp::millis),
        ":hint": repair.hint.as_deref(),
        ":approved_attempt": repair.approved_attempt.map(|id| id.0),
        ":publication_branch": publication.map(|publication| &*publication.branch),
        ":publication_base": publication.and_then(|publication| publication.base_branch.as_deref()),
        ":publication_url": publication.and_then(|publication| publication.pull_request_url.as_deref()),
        ":merged_commit": publication.and_then(|publication| publication.merged_commit.as_deref()),
        ":failed_checks": publication.map(|publication| columns::write_checks(&publication.failed_checks)),
    })?;
    Ok(())
}
