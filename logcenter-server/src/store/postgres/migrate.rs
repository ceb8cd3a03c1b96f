//! Brings the tables up to date. One replica does it, others wait.

use super::connect_error::ConnectError;
use super::fault::{Fault, described};
use crate::store::StoreError;
use deadpool_postgres::Pool;
use std::error::Error;
use tokio_postgres::error::SqlState;

/// One step of the schema.
struct Migration {
    sql: &'static str,
    /// How many migrations a program must know to work with what this one leaves. A migration that only adds (columns with
    /// defaults, tables, indexes) asks for no more than the one before, so that replicas of the version before go on, and may
    /// start again, while others are replaced. What the version before still needs is taken away one version later.
    needs: usize,
}

/// In order; `schema_version` holds the number of migrations applied, and what the last one needs.
const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("../../../migrations/postgres/0001_initial.sql"), needs: 1 },
    Migration { sql: include_str!("../../../migrations/postgres/0002_deployments.sql"), needs: 1 },
];

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
                "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL, needs BIGINT NOT NULL);
                 INSERT INTO schema_version SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version)",
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
    let row = transaction.query_one("SELECT version, needs FROM schema_version", &[]).await;
    let row = row.map_err(|error| failed(&error))?;
    let number = |at| row.try_get::<_, i64>(at).map(|number| usize::try_from(number).unwrap_or(0));
    let (found, needs) =
        number(0).and_then(|found| Ok((found, number(1)?))).map_err(|error| failed(&error))?;
    if needs > MIGRATIONS.len() {
        return Err(ConnectError::TooNew { found: needs, known: MIGRATIONS.len() });
    }
    for (version, migration) in (1_i64..).zip(MIGRATIONS).skip(found) {
        transaction.batch_execute(migration.sql).await.map_err(|error| failed(&error))?;
        let needs = i64::try_from(migration.needs).unwrap_or(i64::MAX);
        let sql = "UPDATE schema_version SET version = $1, needs = $2";
        transaction.execute(sql, &[&version, &needs]).await.map_err(|error| failed(&error))?;
    }
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
