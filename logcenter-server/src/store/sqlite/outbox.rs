//! The stream of issue events.

use super::{Sqlite, rows};
use crate::domain::{FeedPosition, IssueEvent, IssueEvents, IssueId};
use crate::store::{Outbox, StoreFuture};
use logcenter_core::Timestamp;
use rusqlite::{Connection, params};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Outbox for Sqlite {
    fn keep_issue_events(&self, until: Timestamp, now: Timestamp) -> StoreFuture<'_, ()> {
        let wanted_until = Arc::clone(&self.wanted_until);
        self.writer.run(move |session| {
            if wanted_until.load(Ordering::Relaxed) <= now.millis() {
                // Using the clock puts positions of an earlier run, even of another file, before the beginning.
                session.transaction.execute(
                    "INSERT INTO outbox (position, issue_id, kind, at)
                     VALUES (max(?1, 1 + ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)), 0, 'begin', ?1)",
                    [now.millis()],
                )?;
            }
            wanted_until.fetch_max(until.millis(), Ordering::Relaxed);
            Ok(())
        })
    }

    fn issue_events(&self, after: Option<FeedPosition>, limit: u32) -> StoreFuture<'_, IssueEvents> {
        self.read(move |connection, _| {
            let number =
                |sql: &str| connection.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0));
            let newest = number("SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)")?;
            let Some(FeedPosition(after)) = after else {
                return Ok(IssueEvents { events: Vec::new(), next: FeedPosition(newest), missed: false });
            };
            let begin = number("SELECT ifnull(max(position), 0) FROM outbox WHERE kind = 'begin'")?;
            let oldest = number("SELECT ifnull(min(position), 1) - 1 FROM outbox")?;
            let is_empty = number("SELECT NOT EXISTS (SELECT 1 FROM outbox)")? == 1;
            let complete_since = if is_empty { newest } else { oldest.max(begin) };
            let missed = after < complete_since || after > newest;
            let from = if missed { complete_since } else { after };
            let events = events(connection, from, limit)?;
            let next = events.last().map_or(FeedPosition(newest), |event| event.position);
            Ok(IssueEvents { events, next, missed })
        })
    }
}

fn events(connection: &Connection, after: i64, limit: u32) -> rusqlite::Result<Vec<IssueEvent>> {
    let mut select = connection.prepare_cached(
        "SELECT position, issue_id, kind FROM outbox WHERE position > ?1 AND kind <> 'begin' ORDER BY position LIMIT ?2",
    )?;
    let rows = select.query_map(params![after, limit], |row| {
        rows::intact("outbox", row, |row| {
            Ok(IssueEvent {
                position: FeedPosition(row.get("position")?),
                issue_id: IssueId(row.get("issue_id")?),
                kind: rows::word(row, "kind")?,
            })
        })
    })?;
    rows.collect()
}
