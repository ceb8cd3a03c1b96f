//! The events of an issue: how they are stored and read.

use super::fault::Result;
use super::known::StoredIssue;
use super::rows::{self, get};
use super::session::Session;
use crate::domain::{Event, EventNumber, IssueId, Page, ReceivedReport};
use crate::store::columns;
use tokio_postgres::Row;

/// An event can share the payload of one that is at most this many numbers before it; such events are kept as long.
const PAYLOAD_REACH: i64 = 50;

/// Events of an issue are removed when so many can be.
const REMOVED_AT_ONCE: i64 = 32;

/// Once in so many, those are removed, too, that were kept because more were.
const LOOKED_BACK: i64 = 1024;

/// An event to store.
pub(super) struct NewEvent<'a> {
    issue_id: IssueId,
    number: i64,
    payload_number: Option<i64>,
    received: &'a ReceivedReport,
    repairs: Option<String>,
}

/// Decides how an event of an issue is stored: with its own payload, or with a reference to an earlier one.
pub(super) fn new<'a>(
    issue_id: IssueId,
    issue: &mut StoredIssue,
    EventNumber(number): EventNumber,
    received: &'a ReceivedReport,
) -> NewEvent<'a> {
    let hash = columns::payload_hash(received);
    let is_near = number > 1 && number - issue.payload_number < PAYLOAD_REACH;
    let payload_number = (is_near && issue.payload_hash == hash).then_some(issue.payload_number);
    if payload_number.is_none() {
        (issue.payload_number, issue.payload_hash) = (number, hash);
    }
    let repairs = columns::write_repairs(&received.report.repairs);
    NewEvent { issue_id, number, payload_number, received, repairs }
}

/// Stores events.
pub(super) async fn insert(session: &Session<'_>, events: &[NewEvent<'_>]) -> Result<()> {
    macro_rules! column {
        ($event:ident => $value:expr) => {
            events.iter().map(|$event| $value).collect::<Vec<_>>()
        };
    }
    macro_rules! optional {
        ($event:ident => $value:expr) => {
            events
                .iter()
                .map(|$event| if $event.payload_number.is_none() { $value } else { None })
                .collect::<Vec<_>>()
        };
    }
    macro_rules! payload {
        ($event:ident => $value:expr) => {
            optional!($event => Some($value))
        };
    }
    if events.is_empty() {
        return Ok(());
    }
    session
        .execute(
            "INSERT INTO events (issue_id, number, payload_number, event_id, at, received_at, context, count, truncated,
               repairs, environment, level, version, commit_hash, error_type, message, file_path, line_number, trusted,
               stack_trace)
             SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[],
               $7::text[], $8::bigint[], $9::boolean[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
               $15::text[], $16::text[], $17::text[], $18::bigint[], $19::boolean[], $20::text[])",
            &[
                &column!(event => event.issue_id.0),
                &column!(event => event.number),
                &column!(event => event.payload_number),
                &column!(event => event.received.report.event_id.as_deref()),
                &column!(event => event.received.at().millis()),
                &column!(event => event.received.received_at.millis()),
                &column!(event => event.received.report.context.as_deref()),
                &column!(event => i64::from(event.received.report.count)),
                &column!(event => event.received.report.truncated),
                &column!(event => event.repairs.as_deref()),
                &payload!(event => &*event.received.report.environment),
                &payload!(event => event.received.report.level.as_str()),
                &optional!(event => event.received.report.version.as_deref()),
                &optional!(event => event.received.report.commit_hash.as_deref()),
                &payload!(event => &*event.received.report.error_type),
                &payload!(event => &*event.received.report.message),
                &optional!(event => event.received.report.file_path.as_deref()),
                &optional!(event => event.received.report.line_number.map(u64::cast_signed)),
                &payload!(event => event.received.trusted),
                &optional!(event => event.received.report.stack_trace.as_deref()),
            ],
        )
        .await
        .map(drop)
}

/// Which of an issue's events are removed now that it has `after` events instead of `before`, if any: those after the first
/// number up to the second one. Where others were removed lately is not searched: until the next vacuum, the index still has
/// them.
pub(super) fn removed(before: i64, after: i64, kept: i64) -> Option<(i64, i64)> {
    // Those that hold the payload of one that is kept are kept, too.
    let last = |events: i64| events - kept - PAYLOAD_REACH;
    let was = last(before - before % REMOVED_AT_ONCE);
    let from = if before / LOOKED_BACK == after / LOOKED_BACK { was.max(1) } else { 1 };
    (last(after) > 1 && before / REMOVED_AT_ONCE != after / REMOVED_AT_ONCE).then_some((from, last(after)))
}

/// Removes events of issues: those after a number up to another one.
pub(super) async fn remove(session: &Session<'_>, removed: &[(IssueId, (i64, i64))]) -> Result<()> {
    if removed.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = removed.iter().map(|(id, _)| id.0).collect();
    let (after, last): (Vec<i64>, Vec<i64>) = removed.iter().map(|(_, range)| *range).unzip();
    let sql = "DELETE FROM events e USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS r (issue_id, after, last)
               WHERE e.issue_id = r.issue_id AND e.number > r.after AND e.number <= r.last";
    session.execute(sql, &[&ids, &after, &last]).await.map(drop)
}

/// The columns of an event: its own from `e`, its payload from `p`.
const EVENT: &str = "e.number, e.event_id, e.at, e.received_at, e.context, e.count, e.truncated, e.repairs, p.environment,
    p.level, p.version, p.commit_hash, p.error_type, p.message, p.file_path, p.line_number, p.trusted, p.stack_trace";

/// The kept events before number `before`, newest first.
pub(super) async fn page(
    session: &Session<'_>,
    id: IssueId,
    before: Option<EventNumber>,
    limit: u32,
) -> Result<Option<Page<Event>>> {
    let Some(row) = session.optional("SELECT events FROM issues WHERE id = $1", &[&id.0]).await? else {
        return Ok(None);
    };
    let above = get::<i64>(&row, "events")? - session.shared.kept_events;
    let sql = format!(
        "SELECT {EVENT} FROM events e
           JOIN events p ON p.issue_id = e.issue_id AND p.number = coalesce(e.payload_number, e.number)
         WHERE e.issue_id = $1 AND (e.number > $2 OR e.number = 1) AND e.number < $3 ORDER BY e.number DESC LIMIT $4"
    );
    let before = before.map_or(i64::MAX, |number| number.0);
    let rows = session.query(&sql, &[&id.0, &above, &before, &i64::from(limit + 1)]).await?;
    Ok(Some(Page::of(rows.iter().map(event).collect::<Result<_>>()?, limit)))
}

fn event(row: &Row) -> Result<Event> {
    rows::intact("events", row, |row| {
        Ok(Event {
            id: EventNumber(get(row, "number")?),
            event_id: get(row, "event_id")?,
            at: rows::time(row, "at")?,
            received_at: rows::time(row, "received_at")?,
            environment: get(row, "environment")?,
            level: rows::word(row, "level")?,
            version: get(row, "version")?,
            commit_hash: get(row, "commit_hash")?,
            error: rows::error(row)?,
            stack_trace: get(row, "stack_trace")?,
            context: get(row, "context")?,
            count: get(row, "count")?,
            trusted: get(row, "trusted")?,
            truncated: get(row, "truncated")?,
            repairs: get::<Option<&str>>(row, "repairs")?.map(columns::read_repairs),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_removed_bit_by_bit_is_all_that_is_not_kept() {
        let (mut kept, mut before) = (BTreeSet::new(), 0);
        for added in [1, 31, 100, 7, 64, 33, 1, 5, 900, 200].into_iter().cycle().take(200) {
            let after = before + added;
            kept.extend(before + 1..=after);
            if let Some((from, last)) = removed(before, after, 50) {
                kept.retain(|number| !(from + 1..=last).contains(number));
                let expected: Vec<i64> = [1].into_iter().chain(last.max(1) + 1..=after).collect();
                assert_eq!(kept.iter().copied().collect::<Vec<_>>(), expected);
            }
            before = after;
        }
        assert!(kept.len() < 1200);
    }

    #[test]
    fn what_a_lower_limit_no_longer_keeps_is_removed_before_long() {
        let mut kept: BTreeSet<i64> = (1..=1000).collect();
        for before in (1000..2100).step_by(10) {
            let range = removed(before, before + 10, 5);
            kept.retain(|number| !range.is_some_and(|(from, last)| (from + 1..=last).contains(number)));
        }
        assert_eq!(kept, BTreeSet::from([1]));
    }
}
