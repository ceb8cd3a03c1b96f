//! The events of an issue: how they are kept and read.

use super::memory::KnownIssue;
use super::rows;
use crate::domain::{Arrival, Event, Page};
use crate::store::StoreError;
use foldhash::fast::FixedState;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, Row, Transaction, params};
use std::hash::BuildHasher;

/// How far back, in events of its issue, an event may refer for how it looks. The sweep keeps what may be referred to so much
/// longer. Not a setting: what one run of the server wrote must be whole for the next, however many events that one keeps.
pub(super) const REACH: i64 = 50;

/// Where the events of an issue lie: columns of its row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trail {
    pub(super) first_event: i64,
    pub(super) last_event: i64,
    /// The event that shows how the latest looks.
    pub(super) looks_event: i64,
    pub(super) looks_number: i64,
    pub(super) looks_hash: i64,
}

impl Trail {
    /// The event that this one can refer to for how it looks.
    fn same_looks(&self, hash: i64, number: i64) -> Option<i64> {
        let near = number > 1 && number - self.looks_number < REACH;
        (near && self.looks_hash == hash).then_some(self.looks_event)
    }
}

/// How an event looks, to be compared with the one before. Should the function change, it is stored once more.
fn looks(arrival: &Arrival) -> i64 {
    let report = &arrival.report;
    let release = (&report.environment, report.level, &report.version, &report.commit_hash, arrival.trusted);
    let error =
        (&report.error_type, &report.message, &report.file_path, report.line_number, &report.stack_trace);
    FixedState::default().hash_one((release, error)).cast_signed()
}

/// The statements of [`insert`].
pub(super) struct Inserts<'a> {
    whole: CachedStatement<'a>,
    alike: CachedStatement<'a>,
}

impl<'a> Inserts<'a> {
    pub(super) fn prepare(transaction: &'a Transaction<'a>) -> Result<Self> {
        Ok(Self {
            whole: transaction.prepare_cached(
                "INSERT INTO events (id, issue_id, number, previous, event_id, at, received_at, context, count,
                   truncated, repaired, environment, level, version, commit_hash, error_type, message, file_path,
                   line_number, trusted, stack_trace)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                   ?21)",
            )?,
            alike: transaction.prepare_cached(
                "INSERT INTO events (id, issue_id, number, previous, looks_event, event_id, at, received_at, context,
                   count, truncated, repaired)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?,
        })
    }
}

/// Keeps an event as row `id`, number `number` of its issue.
pub(super) fn insert(
    inserts: &mut Inserts<'_>,
    id: i64,
    issue: &mut KnownIssue,
    number: i64,
    arrival: &Arrival,
) -> Result<()> {
    let report = &arrival.report;
    let (issue_id, trail) = (issue.state.id, &mut issue.trail);
    let previous = (number > 1).then_some(trail.last_event);
    let (event_id, context) = (report.event_id.as_deref(), report.context.as_deref());
    let (at, received_at) = (arrival.at().millis(), arrival.received_at.millis());
    let looks_hash = looks(arrival);
    let alike = trail.same_looks(looks_hash, number);
    trail.last_event = id;
    if let Some(looks_event) = alike {
        inserts.alike.execute(params![
            id,
            issue_id,
            number,
            previous,
            looks_event,
            event_id,
            at,
            received_at,
            context,
            report.count,
            report.truncated,
            report.repaired,
        ])?;
        return Ok(());
    }
    let first_event = if number == 1 { id } else { trail.first_event };
    *trail = Trail { first_event, last_event: id, looks_event: id, looks_number: number, looks_hash };
    inserts.whole.execute(params![
        id,
        issue_id,
        number,
        previous,
        event_id,
        at,
        received_at,
        context,
        report.count,
        report.truncated,
        report.repaired,
        &*report.environment,
        report.level.as_str(),
        report.version.as_deref(),
        report.commit_hash.as_deref(),
        &*report.error_type,
        &*report.message,
        report.file_path.as_deref(),
        report.line_number.map(u64::cast_signed),
        arrival.trusted,
        report.stack_trace.as_deref(),
    ])?;
    Ok(())
}

/// An event's columns: its own from `e`, how it looks from `l`.
const EVENT: &str = "e.number, e.event_id, e.at, e.received_at, e.context, e.count, e.truncated, e.repaired, l.environment,
    l.level, l.version, l.commit_hash, l.error_type, l.message, l.file_path, l.line_number, l.trusted, l.stack_trace";

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
         SELECT {EVENT} FROM shown JOIN events e ON e.id = shown.id
           JOIN events l ON l.id = ifnull(e.looks_event, e.id)
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
