//! Converts columns to domain values.

use super::fault::{Fault, Result};
use crate::domain::repair::LeaseSummary;
use crate::domain::text::Text;
use crate::domain::{Epoch, ErrorSummary, Fix, Issue, IssueId, Revision, SecretHash, Standing};
use crate::store::StoreError;
use logcenter_core::{Fingerprint, ProjectId, Timestamp};
use std::fmt::Display;
use std::str::FromStr;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// Reads a row of a table. A row whose columns are invalid is identified by its first column.
pub(super) fn intact<T>(table: &str, row: &Row, read: impl FnOnce(&Row) -> Result<T>) -> Result<T> {
    read(row).map_err(|fault| {
        let key = row.try_get::<_, i64>(0).map(|number| number.to_string());
        let key = key.or_else(|_| row.try_get::<_, String>(0)).unwrap_or_else(|_| "?".into());
        Fault::corrupt(table, &key, &StoreError::from(fault))
    })
}

pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: &str) -> Result<T> {
    Ok(row.try_get(column)?)
}

/// A column that holds one of a closed set of words.
pub(super) fn word<T: FromStr<Err: Display>>(row: &Row, column: &str) -> Result<T> {
    let text: &str = get(row, column)?;
    text.parse()
        .map_err(|error: T::Err| Fault::Store(StoreError::Failed(format!("{column} {text:?}: {error}"))))
}

pub(super) fn time(row: &Row, column: &str) -> Result<Timestamp> {
    get(row, column).map(Timestamp::from_millis)
}

pub(super) fn time_or_null(row: &Row, column: &str) -> Result<Option<Timestamp>> {
    Ok(get::<Option<i64>>(row, column)?.map(Timestamp::from_millis))
}

/// A text that was stored within its limit.
pub(super) fn text<const MAX: usize>(row: &Row, column: &str) -> Result<Option<Text<MAX>>> {
    Ok(get::<Option<&str>>(row, column)?.map(Text::cut))
}

pub(super) fn project_id(row: &Row) -> Result<ProjectId> {
    word(row, "project_id")
}

pub(super) fn issue_id(row: &Row, column: &str) -> Result<IssueId> {
    get(row, column).map(IssueId)
}

/// A SHA-256.
pub(super) fn secret(row: &Row, column: &str) -> Result<SecretHash> {
    Ok(SecretHash::from_bytes(bytes(row, column)?))
}

pub(super) fn fingerprint(row: &Row) -> Result<Fingerprint> {
    Ok(Fingerprint::from_bytes(bytes(row, "fingerprint")?))
}

fn bytes<const N: usize>(row: &Row, column: &str) -> Result<[u8; N]> {
    let bytes: &[u8] = get(row, column)?;
    bytes
        .try_into()
        .map_err(|_| Fault::Store(StoreError::Failed(format!("{column} has {} bytes", bytes.len()))))
}

/// The columns of `issues` that [`standing`] reads.
pub(super) const STANDING: &str =
    "status, revision, fixed_at, fix_commit, fix_branch, pull_request_url, verified_at";

/// The part of an issue that a status change depends on, from its row.
pub(super) fn standing(row: &Row) -> Result<Standing> {
    let fix = match time_or_null(row, "fixed_at")? {
        None => None,
        Some(since) => Some(Fix {
            since,
            commit_hash: text(row, "fix_commit")?,
            branch: text(row, "fix_branch")?,
            pull_request_url: text(row, "pull_request_url")?,
            verified_at: time_or_null(row, "verified_at")?,
        }),
    };
    Ok(Standing { status: word(row, "status")?, revision: Revision(get(row, "revision")?), fix })
}

/// The columns that [`issue`] reads.
pub(super) const ISSUE: &str = "id, fingerprint, project_id, source, status, revision, environment, level, version, \
     commit_hash, error_type, message, file_path, line_number, count, regressions, trusted, first_seen, last_seen, \
     worker, epoch, lease_expires_at";

/// What [`ISSUE`] needs beside `issues`.
pub(super) const LEASES: &str = "LEFT JOIN repairs ON repairs.issue_id = issues.id";

/// An issue without its stack trace and context.
pub(super) fn issue(row: &Row) -> Result<Issue> {
    intact("issues", row, |row| {
        Ok(Issue {
            id: issue_id(row, "id")?,
            fingerprint: fingerprint(row)?,
            project_id: project_id(row)?,
            source: word(row, "source")?,
            status: word(row, "status")?,
            revision: Revision(get(row, "revision")?),
            environment: get(row, "environment")?,
            level: word(row, "level")?,
            version: get(row, "version")?,
            commit_hash: get(row, "commit_hash")?,
            error: error(row)?,
            count: get(row, "count")?,
            regressions: get(row, "regressions")?,
            trusted: get(row, "trusted")?,
            first_seen: time(row, "first_seen")?,
            last_seen: time(row, "last_seen")?,
            lease: lease(row)?,
        })
    })
}

fn lease(row: &Row) -> Result<Option<LeaseSummary>> {
    let Some(expires_at) = time_or_null(row, "lease_expires_at")? else { return Ok(None) };
    Ok(Some(LeaseSummary { worker: get(row, "worker")?, epoch: Epoch(get(row, "epoch")?), expires_at }))
}

/// The error's type, message and location.
pub(super) fn error(row: &Row) -> Result<ErrorSummary> {
    Ok(ErrorSummary {
        error_type: get(row, "error_type")?,
        message: get(row, "message")?,
        file_path: get(row, "file_path")?,
        line_number: get(row, "line_number")?,
    })
}
