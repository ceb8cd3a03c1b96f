//! Sessions that were ended before they expired.

use super::Sqlite;
use crate::domain::SecretHash;
use crate::store::{Sessions, StoreFuture};
use logcenter_core::Timestamp;
use rusqlite::params;

impl Sessions for Sqlite {
    fn end_session(&self, session: SecretHash, expires: Timestamp) -> StoreFuture<'_, ()> {
        self.writer.run(move |step| {
            step.transaction.execute(
                "INSERT INTO ended_sessions (session, expires) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![session.as_bytes(), expires.millis()],
            )?;
            Ok(())
        })
    }

    fn ended_sessions(&self, now: Timestamp) -> StoreFuture<'_, Vec<(SecretHash, Timestamp)>> {
        self.peek(move |connection| {
            let mut select = connection
                .prepare_cached("SELECT session, expires FROM ended_sessions WHERE expires > ?1")?;
            let rows = select.query_map([now.millis()], |row| {
                Ok((SecretHash::from_bytes(row.get("session")?), super::rows::time(row, "expires")?))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
