//! `logcenter db`: everything is moved to the other kind of database, backed up and restored.

use super::same_as_sqlite::read_models;
use crate::harness::postgres::{Database, psql_in};
use crate::harness::{Process, binary, eventually_within, report, with};
use logcenter_core::Timestamp;
use logcenter_server::{Postgres, Sqlite};
use serde_json::json;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// How long a large copy may take until it comes to the events.
const LONG: Duration = Duration::from_secs(600);

fn db(args: &[&str]) -> Output {
    Command::new(binary()).arg("db").args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn done(args: &[&str]) -> String {
    let output = db(args);
    assert!(output.status.success(), "{args:?}: {}", said(&output));
    said(&output)
}

#[track_caller]
fn refused(args: &[&str], why: &str) {
    let output = db(args);
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    assert!(said(&output).contains(why), "{args:?}: {}", said(&output));
}

/// Fills a file with issues, each with so many events.
fn fill(path: &Path, issues: u64, events: u64) {
    drop(Sqlite::open(path).unwrap());
    let file = rusqlite::Connection::open(path).unwrap();
    file.execute_batch(&format!(
        "PRAGMA synchronous = OFF;
         BEGIN;
         INSERT INTO projects (project_id, created_at, updated_at) VALUES ('shop', 1, 1);
         CREATE TEMP TABLE n AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {issues}) SELECT n FROM n;
         INSERT INTO issues (id, fingerprint, project_id, source, status, revision, count, events, regressions, first_seen,
             last_seen, level, environment, error_type, message, file_path, line_number, trusted, first_event, last_event,
             payload_event, payload_number, payload_hash)
           SELECT n, randomblob(16), 'shop', 'runtime', 'NEW', 1, {events}, {events}, 0, 1700000000000 + n, 1700000000000 + n * 7 % 1000003,
             'ERROR', 'production', 'ValueError', 'wrong at ' || n, 'apps/views.py', n, 1, (n - 1) * {events} + 1, n * {events},
             (n - 1) * {events} + 1, 1, n FROM n;
         INSERT INTO fingerprints SELECT fingerprint, id FROM issues ORDER BY fingerprint;
         UPDATE unindexed_issues SET from_id = {issues} + 1;
         INSERT INTO events (id, issue_id, number, previous, payload_event, at, received_at, context, count, truncated, environment,
             level, error_type, message, file_path, line_number, trusted, stack_trace)
           SELECT (n - 1) * {events} + k, n, k, iif(k > 1, (n - 1) * {events} + k - 1, NULL), iif(k > 1, (n - 1) * {events} + 1, NULL),
             1700000000000 + n, 1700000000000 + n, '{{\"user\": ' || k || '}}', 1, 0, iif(k > 1, NULL, 'production'), iif(k > 1, NULL, 'ERROR'),
             iif(k > 1, NULL, 'ValueError'), iif(k > 1, NULL, 'wrong at ' || n), iif(k > 1, NULL, 'apps/views.py'),
             iif(k > 1, NULL, n), iif(k > 1, NULL, 1), iif(k > 1, NULL, 'Traceback')
           FROM n, (WITH RECURSIVE k (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM k WHERE k < {events}) SELECT k FROM k);
         UPDATE counted_up_to SET event = {issues} * {events};
         INSERT INTO issue_hours SELECT n, 'production', 1699999200000, {events}, 1700000000000 + n * 7 % 1000003 FROM n;
         INSERT INTO issue_environments SELECT 'production', n FROM n;
         INSERT INTO project_hours VALUES (1699999200000, 'shop', 'runtime', {issues} * {events});
         COMMIT;"
    ))
    .unwrap();
}

/// Moves a file to PostgreSQL; killed while it does, it goes on where it was.
async fn moved_in_spite_of_a_kill(issues: u64, events: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source.db");
    fill(&path, issues, events);
    let (database, file) = (Database::create().await, path.to_str().unwrap());
    let args = ["copy", "--from", file, "--to", &database.address()];
    let mut first = Command::new(binary()).arg("db").args(args).stderr(Stdio::null()).spawn().unwrap();
    let are_copied = || {
        let asked = |sql: &str| psql_in(&database.name, sql).trim() == "t";
        asked("SELECT to_regclass('copied') IS NOT NULL")
            && asked("SELECT EXISTS (SELECT 1 FROM copied WHERE name = 'events')")
    };
    eventually_within(LONG, "a part of the events is copied", || async { are_copied().then_some(()) }).await;
    first.kill().unwrap();
    first.wait().unwrap();
    let all = (issues * events).to_string();
    assert_ne!(psql_in(&database.name, "SELECT count(*) FROM events").trim(), all, "it was killed too late");
    let other = folder.path().join("other.db");
    fill(&other, 1, 1);
    refused(
        &["copy", "--from", other.to_str().unwrap(), "--to", &database.address()],
        "was begun and not finished",
    );
    let server =
        Command::new(binary()).arg("serve").env("LOGCENTER_DATABASE", database.address()).output().unwrap();
    assert!(!server.status.success() && said(&server).contains("db copy"), "{server:?}");
    done(&args);
    assert_eq!(psql_in(&database.name, "SELECT count(*) FROM events").trim(), all);
    assert_eq!(psql_in(&database.name, "SELECT sum(count) FROM issues").trim(), all);
    let (sqlite, postgres) =
        (Sqlite::open(&path).unwrap(), Postgres::connect(&database.address()).await.unwrap());
    let now = Timestamp::from_millis(1_700_000_000_000);
    let (one, other) = (read_models(&sqlite, now).await, read_models(&postgres, now).await);
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(one, other);
    }
    assert!(one.contains("wrong at "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_killed_goes_on() {
    moved_in_spite_of_a_kill(3000, 30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "slow: scripts/test --slow"]
async fn a_million_issues_with_ten_million_events_are_copied() {
    moved_in_spite_of_a_kill(1_000_000, 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_made_while_reports_come_and_restored_to_either() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let database = Database::create().await;
    for (at, source) in [path("source.db"), database.address()].iter().enumerate() {
        let server = Process::start_on(source, &["--admin-token", "secret"]);
        let admin = server.bearer("secret");
        for line in 0..30 {
            admin.report(&with(report(line % 7), json!({"event_id": format!("event {line}")}))).await.ok();
        }
        let backup = path(&format!("backup {at}.db"));
        done(&["backup", "--database", source, &backup]);
        admin.report(&report(99)).await.ok();
        refused(&["backup", "--database", source, &backup], "is not empty");
        server.kill();
        done(&["check", "--database", &backup]);
        let other = Database::create().await;
        for restored in [path(&format!("restored {at}.db")), other.address()] {
            done(&["restore", "--database", &restored, &backup]);
            assert!(done(&["check", "--database", &restored]).contains("as often as its hours say: yes"));
            refused(&["restore", "--database", &restored, &backup], "is not empty");
            let server = Process::start_on(&restored, &["--admin-token", "secret"]);
            let admin = server.bearer("secret");
            let stats = admin.get("/api/v1/stats").await.ok();
            assert_eq!((&stats["issues"], &stats["count"]), (&json!(7), &json!(30)));
            // What was counted then is known, and what is new gets the next id.
            let again = with(report(1), json!({"event_id": "event 1"}));
            assert_eq!(admin.report(&again).await.ok()["message"], "Log deduplicated");
            assert_eq!(admin.issue(2).await["count"], 5);
            assert_eq!(admin.report(&report(77)).await.ok()["id"], 8);
            assert_eq!(admin.issues("q=wrong+at+3").await.len(), 1);
        }
    }
    refused(&["backup", "--database", &path("nothing.db"), &path("x.db")], "there is no");
    let unknown = db(&["copy", "--from", "mysql://x", "--to", "y"]);
    assert!(unknown.status.code() == Some(2) && said(&unknown).contains("must be the path"));
}

#[tokio::test]
async fn damage_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.db");
    fill(&path, 20, 3);
    done(&["check", "--database", path.to_str().unwrap()]);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch(
        "UPDATE issue_hours SET count = 9 WHERE issue_id = 7; DELETE FROM issues WHERE id = 11",
    )
    .unwrap();
    drop(file);
    let output = db(&["check", "--database", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    for line in
        ["as often as its hours say: NO, see 7", "every event belongs to an issue: NO, see 11", "is damaged"]
    {
        assert!(said(&output).contains(line), "{line}: {}", said(&output));
    }
}
