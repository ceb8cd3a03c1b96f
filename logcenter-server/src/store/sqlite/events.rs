//! The events of an issue: how they are kept and read.

use super::memory::KnownIssue;
use super::rows;
use crate::domain::{Arrival, Event, Page};
use crate::store::StoreError;
use foldhash::fast::FixedState;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, Row, params};
use std::hash::BuildHasher;

/// Where the events of an issue lie: columns of its row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trail {
    pub(super) first_event: i64,
    pub(super) last_event: i64,
    /// The event that holds the latest stack.
    pub(super) stack_event: i64,
    pub(super) stack_number: i64,
    pub(super) stack_hash: i64,
}

impl Trail {
    /// The event whose stack this one can refer to. It must not lie so far back that it may be swept first.
    fn same_stack(&self, hash: i64, number: i64, kept: i64) -> Option<i64> {
        (self.stack_event != 0 && self.stack_hash == hash && number - self.stack_number < kept)
            .then_some(self.stack_event)
    }
}

/// A hash to compare a stack with the one before. Should the function change, a stack is stored once more.
fn hash(stack: &str) -> i64 {
    FixedState::default().hash_one(stack).cast_signed()
}

/// The statement of [`insert`].
pub(super) const INSERT: &str =
    "INSERT INTO events (id, issue_id, number, previous, stack_event, event_id, at, received_at, environment, level,
       version, commit_hash, error_type, message, file_path, line_number, stack_trace, context, count, trusted,
       truncated, repaired)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)";

/// Keeps an event as row `id`, number `number` of its issue, of which the newest `kept` are kept.
pub(super) fn insert(
    insert: &mut CachedStatement<'_>,
    id: i64,
    issue: &mut KnownIssue,
    number: i64,
    arrival: &Arrival,
    kept: i64,
) -> Result<()> {
    let report = &arrival.report;
    let (issue_id, trail) = (issue.state.id, &mut issue.trail);
    let previous = (number > 1).then_some(trail.last_event);
    trail.last_event = id;
    if number == 1 {
        trail.first_event = id;
    }
    let mut stack_event = None;
    let mut stack_trace = report.stack_trace.as_deref();
    if let Some(stack) = stack_trace {
        let stack_hash = hash(stack);
        stack_event = trail.same_stack(stack_hash, number, kept);
        if stack_event.is_some() {
            stack_trace = None;
        } else {
            *trail = Trail { stack_event: id, stack_number: number, stack_hash, ..*trail };
        }
    }
    insert.execute(params![
        id,
        issue_id,
        number,
        previous,
        stack_event,
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
        stack_trace,
        report.context.as_deref(),
        report.count,
        arrival.trusted,
        report.truncated,
        report.repaired,
    ])?;
    Ok(())
}

/// An event's columns, its stack from where it is held.
const EVENT: &str = "e.number, e.event_id, e.at, e.received_at, e.environment, e.level, e.version, e.commit_hash,
    e.error_type, e.message, e.file_path, e.line_number, ifnull(e.stack_trace, s.stack_trace) AS stack_trace, e.context,
    e.count, e.trusted, e.truncated, e.repaired";

/// The kept events before number `before`, newest first.
pub(super) fn page(
    connection: &Connection,
    id: i64,
    before: Option<i64>,
    limit: u32,
    kept: i64,
) -> std::result::Result<Option<Page<Event>>, StoreError> {
    let mut select = connection.prepare_cached("SELECT events FROM issues WHERE id = ?1")?;
    let latest = select.query_row([id], |row| row.get::<_, i64>(0)).optional()?;
    let Some(latest) = latest else { return Ok(None) };
    // The way back from the latest. A row that was swept ends it, even if another event has that row by now.
    let mut select = connection.prepare_cached(&format!(
        "WITH RECURSIVE way (id, number, previous) AS (
           SELECT e.id, e.number, e.previous FROM issues i JOIN events e ON e.id = i.last_event WHERE i.id = ?1
           UNION ALL
           SELECT e.id, e.number, e.previous FROM way JOIN events e ON e.id = way.previous
             WHERE e.issue_id = ?1 AND e.number < way.number AND e.number > ?2
         ), shown (id) AS (
           SELECT id FROM way UNION SELECT first_event FROM issues WHERE id = ?1
         )
         SELECT {EVENT} FROM shown JOIN events e ON e.id = shown.id LEFT JOIN events s ON s.id = e.stack_event
         WHERE e.number < ?3 ORDER BY e.number DESC LIMIT ?4"
    ))?;
    let before = before.unwrap_or(i64::MAX);
    let events = select.query_map(params![id, latest - kept, before, limit + 1], event)?;
    Ok(Some(Page::of(events.collect::<Result<_>>()?, limit)))
}

fn event(row: &Row<'_>) -> Result<Event> {
    let mut error = rows::error(row)?;
    error.stack_trace = Some(rows::stack_trace(row)?);
    Ok(Event {
        id: row.get("number")?,
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
