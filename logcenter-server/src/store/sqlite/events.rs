//! The events of an issue: how they are stored and read.

use super::known::{EventChain, StoredIssue};
use super::rows;
use crate::domain::{Event, EventNumber, IssueId, Page, ReceivedReport};
use crate::store::{StoreError, columns};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, Row, Transaction, params};

/// The statements of [`insert`].
pub(super) struct Inserts<'a> {
    whole: CachedStatement<'a>,
    reference: CachedStatement<'a>,
}

impl<'a> Inserts<'a> {
    pub(super) fn prepare(transaction: &'a Transaction<'a>) -> Result<Self> {
        Ok(Self {
            whole: transaction.prepare_cached(
                "INSERT INTO events (id, issue_id, number, previous, event_id, at, received_at, context, count,
                   truncated, repairs, environment, level, version, commit_hash, error_type, message, file_path,
                   line_number, trusted, stack_trace)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                   ?21)",
            )?,
            reference: transaction.prepare_cached(
                "INSERT INTO events (id, issue_id, number, previous, payload_event, event_id, at, received_at, context,
                   count, truncated, repairs)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?,
        })
    }
}

/// Stores an event of an issue as row `id`.
pub(super) fn insert(
    inserts: &mut Inserts<'_>,
    id: i64,
    issue_id: IssueId,
    issue: &mut StoredIssue,
    EventNumber(number): EventNumber,
    received: &ReceivedReport,
) -> Result<()> {
    let report = &received.report;
    let chain = &mut issue.chain;
    let previous = (number > 1).then_some(chain.last_event);
    let (event_id, context) = (report.event_id.as_deref(), report.context.as_deref());
    let (at, received_at) = (received.at().millis(), received.received_at.millis());
    let repairs = columns::write_repairs(&report.repairs);
    let payload_hash = columns::payload_hash(received);
    let reusable = chain.reusable_payload(payload_hash, number);
    chain.last_event = id;
    if let Some(payload_event) = reusable {
        inserts.reference.execute(params![
            id,
            issue_id.0,
            number,
            previous,
            payload_event,
            event_id,
            at,
            received_at,
            context,
            report.count,
            report.truncated,
            repairs,
        ])?;
        return Ok(());
    }
    let first_event = if number == 1 { id } else { chain.first_event };
    *chain =
        EventChain { first_event, last_event: id, payload_event: id, payload_number: number, payload_hash };
    inserts.whole.execute(params![
        id,
        issue_id.0,
        number,
        previous,
        event_id,
        at,
        received_at,
        context,
        report.count,
        report.truncated,
        repairs,
        &*report.environment,
        report.level.as_str(),
        report.version.as_deref(),
        report.commit_hash.as_deref(),
        &*report.error_type,
        &*report.message,
        report.file_path.as_deref(),
        report.line_number.map(u64::cast_signed),
        received.trusted,
        report.stack_trace.as_deref(),
    ])?;
    Ok(())
}

/// The columns of an event: its own from `e`, its payload from `p`.
const EVENT: &str = "e.number, e.event_id, e.at, e.received_at, e.context, e.count, e.truncated, e.repairs, p.environment,
    p.level, p.version, p.commit_hash, p.error_type, p.message, p.file_path, p.line_number, p.trusted, p.stack_trace";

/// The kept events before number `before`, newest first.
pub(super) fn page(
    connection: &Connection,
    id: IssueId,
    before: Option<EventNumber>,
    limit: u32,
    kept: i64,
) -> std::result::Result<Option<Page<Event>>, StoreError> {
    let mut select = connection.prepare_cached("SELECT events FROM issues WHERE id = ?1")?;
    let latest = select.query_row([id.0], |row| row.get::<_, i64>(0)).optional()?;
    let Some(latest) = latest else { return Ok(None) };
    // Walks back from the latest event. The walk ends at a row that was swept, even if another event has that row now.
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
           JOIN events p ON p.id = ifnull(e.payload_event, e.id)
         WHERE e.number < ?3 ORDER BY e.number DESC LIMIT ?4"
    ))?;
    let before = before.map_or(i64::MAX, |number| number.0);
    let events = select.query_map(params![id.0, latest - kept, before, limit + 1], event)?;
    Ok(Some(Page::of(events.collect::<Result<_>>()?, limit)))
}

fn event(row: &Row<'_>) -> Result<Event> {
    rows::intact("events", row, |row| {
        Ok(Event {
            id: EventNumber(row.get("number")?),
            event_id: row.get("event_id")?,
            at: rows::time(row, "at")?,
            received_at: rows::time(row, "received_at")?,
            environment: row.get("environment")?,
            level: rows::word(row, "level")?,
            version: row.get("version")?,
            commit_hash: row.get("commit_hash")?,
            error: rows::error(row)?,
            stack_trace: row.get("stack_trace")?,
            context: row.get("context")?,
            count: row.get("count")?,
            trusted: row.get("trusted")?,
            truncated: row.get("truncated")?,
            repairs: row.get::<_, Option<String>>("repairs")?.map(|lines| columns::read_repairs(&lines)),
        })
    })
}
