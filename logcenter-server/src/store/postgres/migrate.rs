//! Brings the tables up to date. One replica does it, others wait.

use super::connect_error::ConnectError;
use super::fault::{Fault, described};
use crate::store::StoreError;
use deadpool_postgres::Pool;
use std::error::Error;
use tokio_postgres::error::SqlState;

/// In order; `schema_version` is the number of migrations applied.
const MIGRATIONS: &[&str] = &[include_str!("../../../migrations/postgres/0001_initial.sql")];

/// How often it is tried to create the table that holds the version: several replicas may begin at the same moment.
const TRIES: u32 = 5;

/// A table that is there as long as a copy into the database is not finished. It holds where the copy comes from.
pub(in crate::store) const UNFINISHED: &str = "copied_from";

/// Refuses a database that is being filled with what another one holds.
pub(super) async fn is_whole(pool: &Pool) -> Result<(), ConnectError> {
    let client = pool.get().await.map_err(|error| unreachable(Fault::from(error)))?;
    let sql = format!("SELECT to_regclass('{UNFINISHED}') IS NULL");
    let row = client.query_one(&sql, &[]).await.map_err(|error| failed(&error))?;
    if row.try_get(0).map_err(|error| failed(&error))? { Ok(()) } else { Err(ConnectError::Unfinished) }
}

pub(super) async fn up(pool: &Pool) -> Result<(), ConnectError> {
    let mut client = pool.get().await.map_err(|error| unreachable(Fault::from(error)))?;
    for _ in 0..TRIES {
        let created = client
            .batch_execute(
                "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL);
                 INSERT INTO schema_version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version)",
            )
            .await;
        match created {
            Ok(()) => break,
            Err(error) if is_race(&error) => {}
            Err(error) => return Err(failed(&error)),
        }
    }
    let transaction = client.transaction().await.map_err(|error| failed(&error))?;
    // A migration may take longer than what is usually waited for.
    let lock = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; LOCK TABLE schema_version IN EXCLUSIVE MODE";
    transaction.batch_execute(lock).await.map_err(|error| failed(&error))?;
    let row = transaction.query_one("SELECT max(version) FROM schema_version", &[]).await;
    let found = row.and_then(|row| row.try_get::<_, i64>(0)).map_err(|error| failed(&error))?;
    let (found, known) = (usize::try_from(found).unwrap_or(0), MIGRATIONS.len());
    if found > known {
        return Err(ConnectError::TooNew { found, known });
    }
    for migration in &MIGRATIONS[found..] {
        transaction.batch_execute(migration).await.map_err(|error| failed(&error))?;
    }
    transaction
        .execute("UPDATE schema_version SET version = $1", &[&i64::try_from(known).unwrap_or(i64::MAX)])
        .await
        .map_err(|error| failed(&error))?;
    transaction.commit().await.map_err(|error| failed(&error))
}

fn is_race(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(&(SqlState::UNIQUE_VIOLATION | SqlState::DUPLICATE_TABLE)))
}

fn failed(error: &(dyn Error + 'static)) -> ConnectError {
    ConnectError::Schema(described(error))
}

fn unreachable(fault: Fault) -> ConnectError {
    ConnectError::Unreachable(StoreError::from(fault).to_string())
}
