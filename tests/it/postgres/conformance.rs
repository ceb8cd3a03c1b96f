//! What every store guarantees, tested on PostgreSQL.

use crate::harness::postgres::{Database, psql};
use logcenter_server::Postgres;

async fn open() -> (Postgres, Database) {
    let database = Database::create().await;
    (Postgres::connect(&database.address()).await.unwrap(), database)
}

async fn open_serializable() -> (Postgres, Database) {
    let database = Database::create().await;
    psql(&format!("ALTER DATABASE {} SET default_transaction_isolation = serializable", database.name));
    (Postgres::connect(&database.address()).await.unwrap(), database)
}

logcenter_server::store_conformance!(super::open());

/// Where an administrator has set another isolation level.
mod serializable {
    use super::open_serializable;

    logcenter_server::store_conformance!(super::open_serializable());
}
