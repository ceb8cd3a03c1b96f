//! Sessions that were ended before they expired.

use super::Postgres;
use super::rows::{secret, time};
use crate::domain::SecretHash;
use crate::store::{Sessions, StoreFuture};
use logcenter_core::Timestamp;

impl Sessions for Postgres {
    fn end_session(&self, session: SecretHash, expires: Timestamp) -> StoreFuture<'_, ()> {
        self.write((session, expires.millis()), |step, (session, expires)| {
            Box::pin(async move {
                let sql =
                    "INSERT INTO ended_sessions (session, expires) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                step.execute(sql, &[&&session.as_bytes()[..], expires]).await.map(drop)
            })
        })
    }

    fn ended_sessions(&self, now: Timestamp) -> StoreFuture<'_, Vec<(SecretHash, Timestamp)>> {
        self.read(now.millis(), |step, now| {
            Box::pin(async move {
                let sql = "SELECT session, expires FROM ended_sessions WHERE expires > $1";
                let rows = step.query(sql, &[now]).await?;
                rows.iter().map(|row| Ok((secret(row, "session")?, time(row, "expires")?))).collect()
            })
        })
    }
}
