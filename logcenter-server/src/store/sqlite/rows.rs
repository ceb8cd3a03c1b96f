//! From columns to the values of the domain.

use crate::domain::{Issue, IssueError, Json, StackTrace};
use logcenter_core::{Fingerprint, ProjectId, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Result, Row};
use std::error::Error;
use std::str::FromStr;

/// A column that holds a word of a closed set.
pub(super) fn word<T: FromStr<Err: Error + Send + Sync + 'static>>(row: &Row<'_>, column: &str) -> Result<T> {
    let at = row.as_ref().column_index(column)?;
    let text = row.get_ref(at)?.as_str()?;
    text.parse().map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error)))
}

pub(super) fn time(row: &Row<'_>, column: &str) -> Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

pub(super) fn project_id(row: &Row<'_>) -> Result<ProjectId> {
    word(row, "project_id")
}

/// The columns of `issues` that [`issue`] reads.
pub(super) const ISSUE: &str = "id, fingerprint, project_id, source, status, revision, environment, level, version, \
     commit_hash, error_type, message, file_path, line_number, count, regressions, trusted, first_seen, last_seen";

/// An issue without its stack and context.
pub(super) fn issue(row: &Row<'_>) -> Result<Issue> {
    Ok(Issue {
        id: row.get("id")?,
        fingerprint: Fingerprint::from_bytes(row.get("fingerprint")?),
        project_id: project_id(row)?,
        source: word(row, "source")?,
        status: word(row, "status")?,
        revision: row.get("revision")?,
        environment: row.get("environment")?,
        level: word(row, "level")?,
        version: row.get("version")?,
        commit_hash: row.get("commit_hash")?,
        error: error(row)?,
        context: None,
        count: row.get("count")?,
        regressions: row.get("regressions")?,
        trusted: row.get("trusted")?,
        first_seen: time(row, "first_seen")?,
        last_seen: time(row, "last_seen")?,
        lease: None,
    })
}

/// What went wrong, without the stack.
pub(super) fn error(row: &Row<'_>) -> Result<IssueError> {
    Ok(IssueError {
        error_type: row.get("error_type")?,
        message: row.get("message")?,
        file_path: row.get("file_path")?,
        line_number: row.get("line_number")?,
        stack_trace: None,
    })
}

pub(super) fn stack_trace(row: &Row<'_>) -> Result<Option<StackTrace>> {
    Ok(row.get::<_, Option<String>>("stack_trace")?.map(StackTrace))
}

pub(super) fn context(row: &Row<'_>) -> Result<Option<Json>> {
    Ok(row.get::<_, Option<String>>("context")?.map(Json))
}
