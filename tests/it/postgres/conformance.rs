//! What every store guarantees, tested on PostgreSQL.

use crate::harness::postgres::Database;
use logcenter_server::Postgres;

async fn open() -> (Postgres, Database) {
    let database = Database::create().await;
    (Postgres::connect(&database.address()).await.unwrap(), database)
}

logcenter_server::store_conformance!(super::open());
