//! A service that has another crate for SQLite than ours.

use crate::harness::postgres::{Database, psql_in};
use crate::harness::{Http, host, report};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[tokio::test]
#[ignore = "slow: scripts/test --slow"]
async fn a_host_with_its_own_sqlite_mounts_log_center_on_postgresql() {
    let database = Database::create().await;
    let mut host = Command::new(host::built("sqlx-host", "dev", ""))
        .arg(database.address())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(host.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (base, version) = line.split_once(" with SQLite ").unwrap();
    assert!(version.starts_with("3."), "{line}");
    Http::new(base).report(&report(1)).await.ok();
    assert_eq!(psql_in(&database.name, "SELECT sum(count) FROM issues").trim(), "1");
    host.kill().unwrap();
    host.wait().unwrap();
}
