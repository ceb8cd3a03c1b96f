//! The bytes that each kind of row takes, with its indexes: `cargo bench -p logcenter-server --bench disk --features postgres --
//! --postgres postgres://…`, about two minutes; without `--postgres`, on SQLite alone. The database must be empty.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it reads the time, and prints what it measured"
)]

mod traffic;

use logcenter_core::Timestamp;
use logcenter_server::Sqlite;
use logcenter_server::store::{Batch, BatchId, Store};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use traffic::{Dice, report_of};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const ISSUES: u64 = 50_000;

/// Those of them that are seen in many hours, more than as many events as are kept.
const BUSY: u64 = 500;
const HOURS: u64 = 120;

/// Rows and bytes by table. In SQLite, a table of texts stands for the tables of its index.
const SQLITE: &str = "WITH size AS (SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name)
    SELECT s.tbl_name, sum(size.bytes) FROM size JOIN sqlite_schema s ON s.name = size.name GROUP BY 1 ORDER BY 2 DESC LIMIT 12";
const POSTGRES: &str = "SELECT relname::text, pg_total_relation_size(oid)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 12";

async fn fill(store: &Arc<dyn Store>) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
    let (mut dice, mut batches) = (Dice(0x9e37_79b9_7f4a_7c15), 0);
    let new = (0..ISSUES).map(|issue| (issue, now));
    let hour = |hour: u64| now - (HOURS - hour).cast_signed() * 60 * 60 * 1000;
    let again = (0..HOURS).flat_map(|at| (0..BUSY).map(move |issue| (issue, hour(at))));
    let all: Vec<(u64, i64)> = new.chain(again).collect();
    for part in all.chunks(500) {
        batches += 1;
        let reports: Vec<_> = part
            .iter()
            .enumerate()
            .map(|(n, (issue, at))| {
                let mut received = report_of(*issue, *issue, &mut dice, *at);
                received.received_at = Timestamp::from_millis(*at);
                received.report.timestamp = None;
                received.report.event_id = Some(format!("{batches:016x}{n:016x}").into());
                received
            })
            .collect();
        store.record(BatchId(batches), Batch::from(reports).only()).await.expect("recorded");
    }
}

fn show(store: &str, sizes: Vec<(String, i64, i64)>) {
    println!("\n{store:<24} {:>9} {:>12} {:>9}", "rows", "bytes", "bytes/row");
    for (table, rows, bytes) in sizes {
        println!("{table:<24} {rows:>9} {bytes:>12} {:>9}", bytes / rows.max(1));
    }
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("disk.db");
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&path).expect("a database"));
        fill(&store).await;
        store.close().await.expect("closed");
        drop(store);
        show("SQLite", sqlite(&path));
        #[cfg(feature = "postgres")]
        if let Some(store) = traffic::postgres().await {
            fill(&store).await;
            store.close().await.expect("closed");
            show("PostgreSQL", postgres().await);
        }
    });
}

fn sqlite(path: &std::path::Path) -> Vec<(String, i64, i64)> {
    let file = rusqlite::Connection::open(path).expect("the database");
    let mut select = file.prepare(SQLITE).expect("dbstat");
    let sizes = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("sizes");
    let sizes: Vec<(String, i64)> = sizes.collect::<Result<_, _>>().expect("sizes");
    let rows = |table: &str| {
        file.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0)).unwrap_or(0)
    };
    sizes.into_iter().map(|(table, bytes)| (table.clone(), rows(&table), bytes)).collect()
}

#[cfg(feature = "postgres")]
async fn postgres() -> Vec<(String, i64, i64)> {
    let address = traffic::option("--postgres").expect("an address");
    let (client, connection) =
        tokio_postgres::connect(&address, tokio_postgres::NoTls).await.expect("a connection");
    let connection = tokio::spawn(connection);
    let mut sizes = Vec::new();
    for row in client.query(POSTGRES, &[]).await.expect("sizes") {
        let (table, bytes): (String, i64) = (row.get(0), row.get(1));
        let count = format!("SELECT count(*) FROM \"{table}\"");
        sizes.push((table, client.query_one(&count, &[]).await.expect("a count").get(0), bytes));
    }
    let wal = "SELECT wal_bytes::bigint FROM pg_stat_wal";
    let wal: i64 = client.query_one(wal, &[]).await.expect("a size").get(0);
    sizes.push(("(log, per report)".into(), (ISSUES + BUSY * HOURS).cast_signed(), wal));
    drop(client);
    let _ = connection.await;
    sizes
}
