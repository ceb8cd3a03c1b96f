//! The events of an issue: how they are numbered, kept and read.

use super::rows;
use crate::domain::{Arrival, Event, MAX_EVENTS_OF_AN_ISSUE, Page};
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, params};

/// How many events more than those kept may lie in the file before the oldest are removed: removing many at once
/// frees whole pages.
const SLACK: i64 = 32;

/// The row of event `number` of an issue. The two fit into one integer, which makes the events of an issue neighbours.
pub(super) const fn row_id(issue_id: i64, number: i64) -> i64 {
    issue_id << 33 | number
}

const fn number(row_id: i64) -> i64 {
    row_id & MAX_EVENTS_OF_AN_ISSUE
}

/// Keeps an event as number `number` of its issue.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    issue_id: i64,
    number: i64,
    arrival: &Arrival,
) -> Result<()> {
    if number > MAX_EVENTS_OF_AN_ISSUE {
        return Ok(());
    }
    let report = &arrival.report;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO events (id, event_id, at, received_at, environment, level, version, commit_hash, error_type,
           message, file_path, line_number, stack_trace, context, count, trusted, truncated, repaired)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    insert.execute(params![
        row_id(issue_id, number),
        report.event_id.as_deref(),
        arrival.at().millis(),
        arrival.received_at.millis(),
        &*report.environment,
        report.level.as_str(),
        report.version.as_deref(),
        report.commit_hash.as_deref(),
        &*report.error_type,
        &*report.message,
        report.file_path.as_deref(),
        report.line_number.map(u64::cast_signed),
        report.stack_trace.as_deref(),
        report.context.as_deref(),
        report.count,
        arrival.trusted,
        report.truncated,
        report.repaired,
    ])?;
    Ok(())
}

/// Removes what is no longer kept, once enough of it has gathered. The issue had `before` events and has `now`.
pub(super) fn prune(
    transaction: &Transaction<'_>,
    issue_id: i64,
    before: i64,
    now: i64,
    kept: i64,
) -> Result<()> {
    if before / SLACK == now / SLACK || now <= kept + 1 {
        return Ok(());
    }
    let mut delete = transaction.prepare_cached("DELETE FROM events WHERE id BETWEEN ?1 AND ?2")?;
    delete.execute([row_id(issue_id, 2), row_id(issue_id, now - kept)])?;
    Ok(())
}

/// The kept events before number `before`, newest first.
pub(super) fn page(
    connection: &Connection,
    id: i64,
    before: Option<i64>,
    limit: u32,
    kept: i64,
) -> std::result::Result<Option<Page<Event>>, StoreError> {
    let latest = connection.prepare_cached("SELECT events FROM issues WHERE id = ?1")?;
    let mut latest = latest;
    let Some(latest) = latest.query_row([id], |row| row.get::<_, i64>(0)).optional()? else {
        return Ok(None);
    };
    let mut select = connection.prepare_cached(
        "SELECT * FROM events WHERE id = ?1 AND ?1 < ?3 OR id BETWEEN ?2 AND ?3 - 1 ORDER BY id DESC LIMIT ?4",
    )?;
    let before = before.unwrap_or(latest + 1).clamp(0, latest + 1);
    let oldest = (latest - kept + 1).max(1);
    let bounds = params![row_id(id, 1), row_id(id, oldest), row_id(id, before), limit + 1];
    let events = select.query_map(bounds, event)?.collect::<Result<Vec<_>>>()?;
    Ok(Some(Page::of(events, limit)))
}

fn event(row: &Row<'_>) -> Result<Event> {
    let mut error = rows::error(row)?;
    error.stack_trace = Some(rows::stack_trace(row)?);
    Ok(Event {
        id: number(row.get("id")?),
        event_id: row.get("event_id")?,
        at: rows::time(row, "at")?,
        received_at: rows::time(row, "received_at")?,
        environment: row.get("environment")?,
        level: rows::word(row, "level")?,
        version: row.get("version")?,
        commit_hash: row.get("commit_hash")?,
        error,
        context: rows::context(row)?,
        count: row.get("count")?,
        trusted: row.get("trusted")?,
        truncated: row.get("truncated")?,
        repaired: row.get("repaired")?,
    })
}
