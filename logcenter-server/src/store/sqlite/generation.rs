//! Generations of keys and tokens: a number that each change raises, so that replicas notice it.

use rusqlite::{Connection, Result, Transaction};

/// The generation in a table `…_generation`.
pub(super) fn read(connection: &Connection, table: &'static str) -> Result<i64> {
    let mut select = connection.prepare_cached(&format!("SELECT generation FROM {table}"))?;
    select.query_row([], |row| row.get(0))
}

/// Raises it.
pub(super) fn raise(transaction: &Transaction<'_>, table: &'static str) -> Result<()> {
    transaction.execute(&format!("UPDATE {table} SET generation = generation + 1"), []).map(|_| ())
}
