//! Maintenance of the database.

use super::{Postgres, outbox};
use crate::domain::recording::EVENT_ID_MEMORY_MILLIS;
use crate::domain::retention::{Retention, RetentionStep};
use crate::store::{StoreFuture, Upkeep};
use logcenter_core::Timestamp;

/// Rows of a table removed per transaction, so that no lock is held for long.
const REMOVED_AT_ONCE: i64 = 2000;

/// How long issue events are kept: a listener that was away longer reads everything again.
const ISSUE_EVENT_MILLIS: i64 = 10 * 60 * 1000;

/// How long a batch is remembered. It is recorded again within seconds, or never.
const BATCH_MILLIS: i64 = 30 * 60 * 1000;

/// How long what forges told is remembered: 90 days.
const HOOK_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

/// What a readiness check writes. Whether a table can grow is shown by the reports themselves.
const PING_BYTES: i64 = 256;

/// What expires: a table, its key, the column that tells when, and how long it is kept.
const EXPIRING: [(&str, &str, &str, i64); 6] = [
    ("event_ids", "project_id, event_id", "seen_at", EVENT_ID_MEMORY_MILLIS),
    ("outbox", "position", "at", ISSUE_EVENT_MILLIS),
    ("ended_sessions", "session", "expires", 0),
    ("batches", "id", "recorded_at", BATCH_MILLIS),
    ("hooks", "digest", "received_at", HOOK_MILLIS),
    ("failed_checks", "commit_hash, repository, name", "received_at", HOOK_MILLIS),
];

impl Upkeep for Postgres {
    fn purge_expired(&self, now: Timestamp) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            let mut more = false;
            for (table, key, time, kept) in EXPIRING {
                // What another replica is about to remove, or to see again, is left alone.
                let sql = format!(
                    "DELETE FROM {table} WHERE ({key}) IN
                       (SELECT {key} FROM {table} WHERE {time} < $1 ORDER BY {time} LIMIT $2 FOR UPDATE SKIP LOCKED)"
                );
                let removed = self.write((sql, now.minus_millis(kept).millis()), |session, (sql, before)| {
                    Box::pin(async move { session.execute(sql, &[before, &REMOVED_AT_ONCE]).await })
                });
                more |= i64::try_from(removed.await?) == Ok(REMOVED_AT_ONCE);
            }
            let fold = self.write((), |session, ()| {
                Box::pin(async move {
                    let sql = "WITH folded AS (DELETE FROM issue_counts RETURNING *)
                       INSERT INTO issue_counts SELECT project_id, status, source, sum(issues) FROM folded
                       GROUP BY 1, 2, 3 HAVING sum(issues) <> 0";
                    session.execute(sql, &[]).await.map(drop)
                })
            });
            fold.await?;
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

    fn take_job(&self, job: &'static str, until: Timestamp, now: Timestamp) -> StoreFuture<'_, bool> {
        self.write((job, until.millis(), now.millis()), |session, (job, until, now)| {
            Box::pin(async move {
                let sql = "INSERT INTO jobs AS j (name, replica, until) VALUES ($1, $2, $3)
                           ON CONFLICT (name) DO UPDATE SET replica = excluded.replica, until = excluded.until
                           WHERE j.replica = excluded.replica OR j.until <= $4";
                Ok(session.execute(sql, &[job, &session.shared.replica, until, now]).await? > 0)
            })
        })
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.write(PING_BYTES / 16, |session, hashes| {
            Box::pin(async move {
                // Of zeros, less would be written.
                let sql = "UPDATE pings SET room =
                   (SELECT decode(string_agg(md5(random()::text), ''), 'hex') FROM generate_series(1, $1::bigint))";
                session.execute(sql, &[hashes]).await.map(drop)
            })
        })
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            // A listener that misses a count reads it with whatever it is told next.
            let _ = outbox::announce_counted(&self.shared).await;
            self.shared.readers.close();
            self.shared.writers.close();
            self.shared.recorders.close();
            Ok(())
        })
    }
}
