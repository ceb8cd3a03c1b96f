//! A database that is slow, silent or busy: reports are refused in time, the server says so, and it recovers by itself.

use crate::harness::postgres::{Database, Server, psql_in};
use crate::harness::{Process, eventually, report, with};
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;

/// No client waits longer for an answer.
const BOUND: Duration = Duration::from_secs(25);

/// Leads to the database; nothing passes while it is closed.
struct Gate {
    port: u16,
    is_open: watch::Sender<bool>,
}

impl Gate {
    async fn before(database: &Database) -> Self {
        let address = database.address();
        let socket = PathBuf::from(address.split("host=").nth(1).unwrap()).join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, (is_open, opened)) = (listener.local_addr().unwrap().port(), watch::channel(true));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, opened) = (UnixStream::connect(&socket).await.unwrap(), opened.clone());
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(pass(from_client, to_server, opened.clone()));
                tokio::spawn(pass(from_server, to_client, opened));
            }
        });
        Self { port, is_open }
    }

    fn address(&self, database: &Database) -> String {
        format!("postgres://logcenter@127.0.0.1:{}/{}?sslmode=disable", self.port, database.name)
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut opened: watch::Receiver<bool>,
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        if opened.wait_for(|is_open| *is_open).await.is_err() || to.write_all(&bytes[..length]).await.is_err()
        {
            return;
        }
    }
}

/// Reports an event that is refused, in time, and with when to come again.
async fn refused(server: &Process) {
    let begun = Instant::now();
    let answer = server.report(&with(report(1), json!({"event_id": "refused"}))).await;
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    answer.problem(503);
    assert!(
        answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)),
        "{answer:?}"
    );
}

/// It takes reports again, and what was answered is what is counted.
async fn recovers(server: &Process) {
    for event in ["refused", "after"] {
        eventually("it recovers", || async {
            (server.report(&with(report(1), json!({"event_id": event}))).await.status == 200).then_some(())
        })
        .await;
    }
    eventually("it is ready", || async { (server.get("/readyz").await.status == 200).then_some(()) }).await;
    let stats = server.bearer("secret").get("/api/v1/stats").await.ok();
    assert_eq!(stats["count"], 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_database_keeps_nobody_waiting() {
    let database = Database::create().await;
    let gate = Gate::before(&database).await;
    let server = Process::start_on(&gate.address(&database), &["--admin-token", "secret"]);
    server.report(&with(report(1), json!({"event_id": "before"}))).await.ok();
    gate.is_open.send(false).unwrap();
    refused(&server).await;
    let ready = server.get("/readyz").await;
    assert!(ready.status == 503 && ready.text.contains("does not answer"), "{ready:?}");
    gate.is_open.send(true).unwrap();
    recovers(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_left_behind() {
    let database = Server::on_a_small_disk(200 << 20);
    let server = Process::start_on(&database.address("postgres"), &["--admin-token", "secret"]);
    server.report(&with(report(1), json!({"event_id": "before"}))).await.ok();
    let filler = database.on_its_disk("filler").display().to_string();
    // Until nothing fits any more, not even a page.
    let fills = format!("COPY (SELECT 1) TO PROGRAM 'dd if=/dev/zero of={filler} bs=4k 2>/dev/null || true'");
    database.psql("postgres", &fills);
    // What fits into the pages that are there is still taken.
    let mut told = 0;
    eventually("the disk is full", || {
        told += 1;
        let large = with(
            report(1000 + told),
            json!({"context": {"large": "x".repeat(9000 * told as usize % 60000)}}),
        );
        let server = &server;
        async move { (server.report(&large).await.status == 503).then_some(()) }
    })
    .await;
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status, 503, "{ready:?}");
    database.psql("postgres", &format!("COPY (SELECT 1) TO PROGRAM 'rm {filler}'"));
    eventually("it is ready", || async { (server.get("/readyz").await.status == 200).then_some(()) }).await;
    server.report(&with(report(1), json!({"event_id": "after"}))).await.ok();
    let issue = server.bearer("secret").get("/api/v1/issues/1").await.ok();
    assert_eq!(issue["count"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_of_others_are_not_waited_for_long() {
    let database = Database::create().await;
    let server = Process::start_on(&database.address(), &["--admin-token", "secret"]);
    server.report(&with(report(1), json!({"event_id": "before"}))).await.ok();
    let name = database.name.clone();
    let held =
        std::thread::spawn(move || psql_in(&name, "BEGIN; LOCK TABLE issues; SELECT pg_sleep(15); COMMIT"));
    let locked = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'issues'::regclass AND granted";
    eventually("the table is locked", || async {
        (psql_in(&database.name, locked).trim() == "1").then_some(())
    })
    .await;
    refused(&server).await;
    held.join().unwrap();
    recovers(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_reader_is_in_nobodys_way() {
    let database = Database::create().await;
    let server = Process::start_on(&database.address(), &["--admin-token", "secret"]);
    let name = database.name.clone();
    let reader = std::thread::spawn(move || {
        psql_in(
            &name,
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM issues; SELECT pg_sleep(3); COMMIT",
        )
    });
    let reading =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' AND pid <> pg_backend_pid()";
    eventually("somebody reads", || async { (psql_in(&database.name, reading).trim() == "1").then_some(()) })
        .await;
    let mut sent = 0;
    while !reader.is_finished() {
        let begun = Instant::now();
        server.report(&with(report(sent % 5), json!({"event_id": format!("event {sent}")}))).await.ok();
        assert!(begun.elapsed() < Duration::from_secs(2));
        sent += 1;
    }
    assert!(sent > 20 && reader.join().unwrap().trim().starts_with('0'));
    assert_eq!(server.bearer("secret").get("/api/v1/stats").await.ok()["count"], sent);
}
