//! Maintenance of the file.

use super::Sqlite;
use crate::domain::recording::EVENT_ID_MEMORY_MILLIS;
use crate::domain::retention::{Retention, RetentionStep};
use crate::store::{StoreFuture, Upkeep};
use logcenter_core::Timestamp;
use rusqlite::params;

/// Rows of a table removed per transaction, so that reports do not wait long.
const REMOVED_AT_ONCE: u32 = 2000;

/// How long issue events are kept: a listener that was away longer reads everything again.
const ISSUE_EVENT_MILLIS: i64 = 10 * 60 * 1000;

/// How long what forges told is remembered: 90 days.
const HOOK_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

/// What a readiness check writes: as much as a large report, which may not fit where a small one still does.
const PING_BYTES: i64 = 64 * 1024;

impl Upkeep for Sqlite {
    fn purge_expired(&self, now: Timestamp) -> StoreFuture<'_, bool> {
        self.writer.run(move |session| {
            let mut more = false;
            for (sql, before) in [
                (
                    "DELETE FROM event_ids WHERE (project_id, event_id) IN
                       (SELECT project_id, event_id FROM event_ids WHERE seen_at < ?1 LIMIT ?2)",
                    now.minus_millis(EVENT_ID_MEMORY_MILLIS),
                ),
                (
                    "DELETE FROM outbox WHERE position IN
                       (SELECT position FROM outbox WHERE at < ?1 ORDER BY position LIMIT ?2)",
                    now.minus_millis(ISSUE_EVENT_MILLIS),
                ),
                (
                    "DELETE FROM ended_sessions WHERE session IN
                       (SELECT session FROM ended_sessions WHERE expires < ?1 LIMIT ?2)",
                    now,
                ),
                (
                    "DELETE FROM hooks WHERE digest IN
                       (SELECT digest FROM hooks WHERE received_at < ?1 ORDER BY received_at LIMIT ?2)",
                    now.minus_millis(HOOK_MILLIS),
                ),
                (
                    "DELETE FROM failed_checks WHERE (commit_hash, repository, name) IN
                       (SELECT commit_hash, repository, name FROM failed_checks WHERE received_at < ?1
                        ORDER BY received_at LIMIT ?2)",
                    now.minus_millis(HOOK_MILLIS),
                ),
            ] {
                let removed = session.transaction.execute(sql, params![before.millis(), REMOVED_AT_ONCE])?;
                more |= removed == REMOVED_AT_ONCE as usize;
            }
            Ok(more)
        })
    }

    fn retain(
        &self,
        retention: Retention,
        step: RetentionStep,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<RetentionStep>> {
        Box::pin(self.age(retention, step, now))
    }

    fn take_job(&self, _: &'static str, _: Timestamp, _: Timestamp) -> StoreFuture<'_, bool> {
        // No other process has the file open.
        Box::pin(async { Ok(true) })
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.writer.ping(PING_BYTES)
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        self.readers.close();
        self.writer.close()
    }
}
