//! The row of an issue, as recording reads and writes it.

use super::events::Trail;
use super::memory::KnownIssue;
use super::rows::{project_id, word};
use crate::domain::{Arrival, IssueState};
use logcenter_core::Timestamp;
use rusqlite::{CachedStatement, Result, Transaction, params};

pub(super) fn read(transaction: &Transaction<'_>, id: i64) -> Result<KnownIssue> {
    let mut select = transaction.prepare_cached(
        "SELECT status, revision, count, events, regressions, first_seen, last_seen, fixed_at,
           pull_request_url IS NOT NULL, first_event, last_event, looks_event, looks_number, looks_hash, version,
           commit_hash, project_id, source
         FROM issues WHERE id = ?1",
    )?;
    select.query_row([id], |row| {
        let state = IssueState {
            id,
            status: word(row, "status")?,
            revision: row.get(1)?,
            count: row.get(2)?,
            events: row.get(3)?,
            regressions: row.get(4)?,
            first_seen: Timestamp::from_millis(row.get(5)?),
            last_seen: Timestamp::from_millis(row.get(6)?),
            fixed_at: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_millis),
            pull_request: row.get(8)?,
        };
        let trail = Trail {
            first_event: row.get(9)?,
            last_event: row.get(10)?,
            looks_event: row.get(11)?,
            looks_number: row.get(12)?,
            looks_hash: row.get(13)?,
        };
        let (version, commit_hash) = (row.get(14)?, row.get(15)?);
        let (project_id, source) = (project_id(row)?, word(row, "source")?);
        Ok(KnownIssue { state, trail, version, commit_hash, project_id, source, uncounted: Vec::new() })
    })
}

/// Writes the row of a new issue, whose latest event so far is `latest`.
pub(super) fn insert(transaction: &Transaction<'_>, issue: &KnownIssue, latest: &Arrival) -> Result<()> {
    let KnownIssue { state, trail, .. } = issue;
    let report = &latest.report;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO issues (id, count, events, first_seen, last_seen, level, environment, version, commit_hash,
           error_type, message, file_path, line_number, trusted, first_event, last_event, looks_event, looks_number,
           looks_hash, fingerprint, project_id, source, status, revision, regressions)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
           ?23, ?24, ?25)",
    )?;
    insert.execute(params![
        state.id,
        state.count,
        state.events,
        state.first_seen.millis(),
        state.last_seen.millis(),
        report.level.as_str(),
        &*report.environment,
        report.version.as_deref(),
        report.commit_hash.as_deref(),
        &*report.error_type,
        &*report.message,
        report.file_path.as_deref(),
        report.line_number.map(u64::cast_signed),
        latest.trusted,
        trail.first_event,
        trail.last_event,
        trail.looks_event,
        trail.looks_number,
        trail.looks_hash,
        report.fingerprint.as_bytes(),
        report.project_id.as_str(),
        report.source.as_str(),
        state.status.as_str(),
        state.revision,
        state.regressions,
    ])?;
    Ok(())
}

/// Writes what further events changed, the last of them being `latest`.
pub(super) fn update(transaction: &Transaction<'_>, issue: &KnownIssue, latest: &Arrival) -> Result<()> {
    let KnownIssue { state, trail, .. } = issue;
    let report = &latest.report;
    let mut update = transaction.prepare_cached(
        "UPDATE issues SET count = ?2, events = ?3, last_seen = ?4, level = ?5, environment = ?6, version = ?7,
           commit_hash = ?8, error_type = ?9, message = ?10, file_path = ?11, line_number = ?12, trusted = ?13,
           last_event = ?14, looks_event = ?15, looks_number = ?16, looks_hash = ?17
         WHERE id = ?1",
    )?;
    update.execute(params![
        state.id,
        state.count,
        state.events,
        state.last_seen.millis(),
        report.level.as_str(),
        &*report.environment,
        report.version.as_deref(),
        report.commit_hash.as_deref(),
        &*report.error_type,
        &*report.message,
        report.file_path.as_deref(),
        report.line_number.map(u64::cast_signed),
        latest.trusted,
        trail.last_event,
        trail.looks_event,
        trail.looks_number,
        trail.looks_hash,
    ])?;
    Ok(())
}

/// The statement of [`count`].
pub(super) const COUNT: &str =
    "UPDATE issues SET count = ?2, events = ?3, last_seen = ?4, last_event = ?5, looks_event = ?6, looks_number = ?7,
       looks_hash = ?8 WHERE id = ?1";

/// Writes what further events changed when they look like the one before.
pub(super) fn count(count: &mut CachedStatement<'_>, issue: &KnownIssue) -> Result<()> {
    let KnownIssue { state, trail, .. } = issue;
    count.execute(params![
        state.id,
        state.count,
        state.events,
        state.last_seen.millis(),
        trail.last_event,
        trail.looks_event,
        trail.looks_number,
        trail.looks_hash,
    ])?;
    Ok(())
}

/// Writes an earlier beginning: a report may name an earlier time than the first one did. Rare, and so not part of the
/// statements above: a column that is named is written in its index, too, changed or not.
pub(super) fn begin_earlier(transaction: &Transaction<'_>, state: &IssueState) -> Result<()> {
    let mut update = transaction.prepare_cached("UPDATE issues SET first_seen = ?2 WHERE id = ?1")?;
    update.execute([state.id, state.first_seen.millis()])?;
    Ok(())
}
