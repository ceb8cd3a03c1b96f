//! Nothing that was acknowledged is lost: the real binary, killed under load.

use crate::harness::{Http, Process, report, with};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::tempdir;

/// What was acknowledged, and what was sent without a response: by line, and by event id.
#[derive(Default)]
struct Ledger {
    acknowledged: HashMap<u64, u64>,
    in_doubt: HashMap<u64, u64>,
    ids: HashMap<u64, i64>,
}

const LINES: u64 = 40;

/// Sends until the server is gone.
async fn client(http: Http, ledger: Arc<Mutex<Ledger>>, sent: Arc<AtomicU64>) {
    loop {
        let n = sent.fetch_add(1, Ordering::SeqCst);
        let line = n % LINES;
        let mut body = with(report(line), json!({"event_id": format!("event {n}")}));
        // Most events repeat the previous payload; some differ, have an earlier time, or come from another environment.
        match n % 23 {
            0 => body["error"]["message"] = format!("wrong in another way, {n}").into(),
            1 => body["timestamp"] = "2020-01-01T00:00:00Z".into(),
            2 => body["environment"] = "staging".into(),
            _ => {}
        }
        let request = http.request("POST", "/api/v1/logs/report").body(body.to_string());
        let answer = http.try_send(request).await;
        let mut ledger = ledger.lock().unwrap();
        match answer {
            Ok(answer) => {
                let id = answer.ok()["id"].as_i64().unwrap();
                assert_eq!(*ledger.ids.entry(line).or_insert(id), id);
                *ledger.acknowledged.entry(line).or_default() += 1;
            }
            Err(_) => {
                *ledger.in_doubt.entry(line).or_default() += 1;
                return;
            }
        }
    }
}

fn sum(counts: &Value) -> u64 {
    counts.as_array().unwrap().iter().map(|one| one["count"].as_u64().unwrap()).sum()
}

/// Queries the file itself.
fn ask<T: rusqlite::types::FromSql>(folder: &Path, sql: &str) -> T {
    let database = rusqlite::Connection::open(folder.join("logcenter.db")).unwrap();
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn integrity(folder: &Path) -> String {
    ask(folder, "PRAGMA integrity_check")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_lose_nothing() {
    let folder = tempdir().unwrap();
    let ledger: Arc<Mutex<Ledger>> = Arc::default();
    let sent = Arc::new(AtomicU64::new(0));
    let mut random = 12_345_u64;
    for round in 0..20 {
        let server = Process::start(folder.path());
        let clients: Vec<_> = (0..16)
            .map(|_| {
                tokio::spawn(client(Http::new(server.base.clone()), Arc::clone(&ledger), Arc::clone(&sent)))
            })
            .collect();
        // Killed after a random number of reports, not after a time.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let target = sent.load(Ordering::SeqCst) + 20 + (random >> 33) % 600;
        crate::harness::eventually("enough was sent", || async {
            (sent.load(Ordering::SeqCst) >= target).then_some(())
        })
        .await;
        server.kill();
        for client in clients {
            client.await.unwrap();
        }
        assert_eq!(integrity(folder.path()), "ok", "round {round}");

        let server = Process::start(folder.path());
        let ids = ledger.lock().unwrap().ids.clone();
        for (line, id) in ids {
            let issue = server.issue(id).await;
            let (count, least, most) = {
                let ledger = ledger.lock().unwrap();
                let least = ledger.acknowledged[&line];
                (
                    issue["count"].as_u64().unwrap(),
                    least,
                    least + ledger.in_doubt.get(&line).copied().unwrap_or(0),
                )
            };
            assert_eq!(issue["error"]["line_number"], line);
            assert!(
                (least..=most).contains(&count),
                "round {round}, line {line}: {least} ≤ {count} ≤ {most}"
            );
            // The counts by hour are the same.
            let stats =
                server.get(&format!("/api/v1/issues/{id}/stats?since=2000-01-01T00:00:00Z")).await.ok();
            for part in ["hours", "environments"] {
                assert_eq!(sum(&stats[part]), count, "round {round}, line {line}: {stats}");
            }
        }
        assert!(server.terminate().success());
        let difference = "SELECT (SELECT sum(count) FROM issues) - (SELECT sum(count) FROM project_hours)";
        assert_eq!(ask::<i64>(folder.path(), difference), 0, "round {round}");
    }
    // Retrying everything counts what was in doubt, and nothing twice.
    let server = Process::start(folder.path());
    let all = sent.load(Ordering::SeqCst);
    let numbers: Vec<u64> = (0..all).collect();
    for chunk in numbers.chunks(200) {
        let reports: Vec<_> = chunk
            .iter()
            .map(|n| with(report(n % LINES), json!({"event_id": format!("event {n}")})))
            .collect();
        server.batch(&reports).await.ok();
    }
    let total: u64 = server.issues("").await.iter().map(|issue| issue["count"].as_u64().unwrap()).sum();
    assert_eq!(total, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_graceful_stop_breaks_no_answer() {
    let folder = tempdir().unwrap();
    let server = Process::start(folder.path());
    let (accepted, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let stopping = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..32)
        .map(|n| {
            let http = Http::new(server.base.clone());
            let (accepted, refused, stopping) =
                (Arc::clone(&accepted), Arc::clone(&refused), Arc::clone(&stopping));
            tokio::spawn(async move {
                loop {
                    let request =
                        http.request("POST", "/api/v1/logs/report").body(report(n % 10).to_string());
                    match http.try_send(request).await {
                        Ok(answer) if answer.status == 200 => {
                            answer.ok();
                            accepted.fetch_add(1, Ordering::SeqCst);
                        }
                        Ok(answer) => {
                            let problem = answer.problem(503);
                            assert_eq!(answer.header("retry-after"), "1", "{problem}");
                            assert!(stopping.load(Ordering::SeqCst));
                            refused.fetch_add(1, Ordering::SeqCst);
                            // It was told to come back in a second, by which time another server is running.
                            return;
                        }
                        // Once the server is gone, connections are refused; that is not a broken response.
                        Err(error) => {
                            assert!(error.is_connect() && stopping.load(Ordering::SeqCst), "{error:?}");
                            return;
                        }
                    }
                }
            })
        })
        .collect();
    crate::harness::eventually("there is load", || async {
        (accepted.load(Ordering::SeqCst) > 500).then_some(())
    })
    .await;
    stopping.store(true, Ordering::SeqCst);
    let ended = tokio::task::spawn_blocking(move || server.terminate());
    assert!(tokio::time::timeout(Duration::from_secs(30), ended).await.unwrap().unwrap().success());
    for client in clients {
        client.await.unwrap();
    }
    assert!(refused.load(Ordering::SeqCst) > 0, "nobody was refused");
    assert_eq!(integrity(folder.path()), "ok");
    let server = Process::start(folder.path());
    let counted: u64 = server.issues("").await.iter().map(|issue| issue["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, accepted.load(Ordering::SeqCst));
}

#[tokio::test]
async fn one_file_serves_one_process() {
    let folder = tempdir().unwrap();
    let server = Process::start(folder.path());
    let second = std::process::Command::new(crate::harness::binary())
        .args(["serve", "--listen", "127.0.0.1:0", "--dashboard-listen", "127.0.0.1:0", "--database"])
        .arg(folder.path().join("logcenter.db"))
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8(second.stderr).unwrap().contains("in use"));
    server.report(&report(1)).await.ok();
}
