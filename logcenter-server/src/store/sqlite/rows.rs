//! Converts columns to domain values.

use crate::domain::repair::LeaseSummary;
use crate::domain::text::Text;
use crate::domain::{Epoch, ErrorSummary, Fix, Issue, IssueId, Revision, Standing};
use crate::store::StoreError;
use logcenter_core::{Fingerprint, ProjectId, Timestamp};
use rusqlite::types::Type;
use rusqlite::{ErrorCode, Result, Row};
use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// A row that cannot be read.
#[derive(Debug)]
struct CorruptRow {
    table: &'static str,
    row: String,
    reason: String,
}

impl fmt::Display for CorruptRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, row {}: {}", self.table, self.row, self.reason)
    }
}

impl Error for CorruptRow {}

/// Reads a row of a table. A row whose columns are invalid is identified by its first column.
pub(super) fn intact<T>(
    table: &'static str,
    row: &Row<'_>,
    read: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<T> {
    read(row).map_err(|error| {
        let key = row.get_ref(0).map_or_else(
            |_| "?".into(),
            |key| match key {
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{:?}", other.data_type()),
            },
        );
        let corrupt = CorruptRow { table, row: key, reason: error.to_string() };
        rusqlite::Error::FromSqlConversionFailure(0, Type::Null, Box::new(corrupt))
    })
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match error {
            rusqlite::Error::FromSqlConversionFailure(_, _, source) => {
                match source.downcast::<CorruptRow>() {
                    Ok(corrupt) => {
                        let CorruptRow { table, row, reason } = *corrupt;
                        Self::Corrupt { table: table.into(), row, reason }
                    }
                    Err(_) => Self::Failed(text),
                }
            }
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen => Self::Unavailable(text),
                _ => Self::Failed(text),
            },
            _ => Self::Failed(text),
        }
    }
}

/// A column that holds one of a closed set of words.
pub(super) fn word<T: FromStr<Err: Error + Send + Sync + 'static>>(row: &Row<'_>, column: &str) -> Result<T> {
    let at = row.as_ref().column_index(column)?;
    let text = row.get_ref(at)?.as_str()?;
    text.parse().map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error)))
}

pub(super) fn time(row: &Row<'_>, column: &str) -> Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

pub(super) fn time_or_null(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
}

/// A text that was stored within its limit.
pub(super) fn text<const MAX: usize>(row: &Row<'_>, column: &str) -> Result<Option<Text<MAX>>> {
    let at = row.as_ref().column_index(column)?;
    Ok(row.get_ref(at)?.as_str_or_null()?.map(Text::cut))
}

/// Words without quotes or backslashes as a JSON array, for `json_each`.
pub(super) fn json_array<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", words.map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(","))
}

pub(super) fn project_id(row: &Row<'_>) -> Result<ProjectId> {
    word(row, "project_id")
}

/// The columns of `issues` that [`standing`] reads.
pub(super) const STANDING: &str =
    "status, revision, fixed_at, fix_commit, fix_branch, pull_request_url, verified_at";

/// The part of an issue that a status change depends on, from its row.
pub(super) fn standing(row: &Row<'_>) -> Result<Standing> {
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
    Ok(Standing { status: word(row, "status")?, revision: Revision(row.get("revision")?), fix })
}

/// The columns that [`issue`] reads.
pub(super) const ISSUE: &str = "id, fingerprint, project_id, source, status, revision, environment, level, version, \
     commit_hash, error_type, message, file_path, line_number, count, regressions, trusted, first_seen, last_seen, \
     worker, epoch, lease_expires_at";

/// What [`ISSUE`] needs beside `issues`.
pub(super) const LEASES: &str = "LEFT JOIN repairs ON repairs.issue_id = issues.id";

/// An issue without its stack trace and context.
pub(super) fn issue(row: &Row<'_>) -> Result<Issue> {
    intact("issues", row, |row| {
        Ok(Issue {
            id: IssueId(row.get("id")?),
            fingerprint: Fingerprint::from_bytes(row.get("fingerprint")?),
            project_id: project_id(row)?,
            source: word(row, "source")?,
            status: word(row, "status")?,
            revision: Revision(row.get("revision")?),
            environment: row.get("environment")?,
            level: word(row, "level")?,
            version: row.get("version")?,
            commit_hash: row.get("commit_hash")?,
            error: error(row)?,
            count: row.get("count")?,
            regressions: row.get("regressions")?,
            trusted: row.get("trusted")?,
            first_seen: time(row, "first_seen")?,
            last_seen: time(row, "last_seen")?,
            lease: lease(row)?,
        })
    })
}

fn lease(row: &Row<'_>) -> Result<Option<LeaseSummary>> {
    let Some(expires_at) = time_or_null(row, "lease_expires_at")? else { return Ok(None) };
    Ok(Some(LeaseSummary { worker: row.get("worker")?, epoch: Epoch(row.get("epoch")?), expires_at }))
}

/// The error's type, message and location.
pub(super) fn error(row: &Row<'_>) -> Result<ErrorSummary> {
    Ok(ErrorSummary {
        error_type: row.get("error_type")?,
        message: row.get("message")?,
        file_path: row.get("file_path")?,
        line_number: row.get("line_number")?,
    })
}
