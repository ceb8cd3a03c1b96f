//! Counts are exact under concurrency: many clients, few fingerprints, and statuses that change in the meantime.

use crate::harness::{Center, report, with};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

const CLIENTS: u64 = 64;
const FINGERPRINTS: u64 = 200;
const REPORTS: u64 = 100;

/// The responses for one fingerprint.
#[derive(Debug, Default)]
struct Seen {
    ids: Vec<i64>,
    reported: i64,
    regressed: i64,
    accepted: i64,
    /// Status changes to FIXED, VERIFIED or DEPLOYED made by others.
    fixed: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_count_is_exact() {
    let center = Arc::new(Center::start().await);
    let seen: Arc<Mutex<HashMap<u64, Seen>>> = Arc::default();
    let mut clients = Vec::new();
    for client in 0..CLIENTS {
        let (center, seen) = (Arc::clone(&center), Arc::clone(&seen));
        clients.push(tokio::spawn(async move {
            let mut state = client + 1;
            let mut random = |below: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) % below
            };
            for n in 0..REPORTS {
                let line = random(FINGERPRINTS);
                if random(10) == 0 {
                    let id = seen.lock().unwrap().get(&line).and_then(|one| one.ids.first().copied());
                    let Some(id) = id else { continue };
                    let status = ["FIXED", "VERIFIED", "DEPLOYED"][random(3) as usize];
                    let answer =
                        center.patch(id, &json!({"status": status, "force": true, "note": "n"})).await.ok();
                    assert_eq!(answer["status"], status);
                    continue;
                }
                let more =
                    if random(2) == 0 { json!({}) } else { json!({"event_id": format!("{client}-{n}")}) };
                let body = with(report(line), more);
                let answer = center.report(&body).await.ok();
                if body.get("event_id").is_some() && random(4) == 0 {
                    // A retry gets the same issue and is not counted.
                    assert_eq!(center.report(&body).await.ok()["message"], "Log deduplicated");
                }
                let mut seen = seen.lock().unwrap();
                let one = seen.entry(line).or_default();
                one.ids.push(answer["id"].as_i64().unwrap());
                one.accepted += 1;
                match answer["message"].as_str().unwrap() {
                    "Log reported" => one.reported += 1,
                    "Regression detected, reopened" => one.regressed += 1,
                    _ => {}
                }
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
    let mut seen = std::mem::take(&mut *seen.lock().unwrap());
    for (line, one) in &mut seen {
        assert!(one.ids.iter().all(|id| *id == one.ids[0]), "line {line} had several ids");
        assert_eq!(one.reported, 1, "line {line}");
        let (issue, history) = (center.issue(one.ids[0]).await, history(&center, one.ids[0]).await);
        assert_eq!(issue["error"]["line_number"], *line);
        assert_eq!(issue["count"], one.accepted, "line {line}");
        assert_eq!(issue["regressions"], one.regressed, "line {line}");
        // The changes form one chain from NEW to the current status, and each reopening undid one fix.
        let mut status = "NEW".to_owned();
        for change in history.iter().rev() {
            assert_eq!(change["from"], status.as_str(), "line {line}: {history:?}");
            status = change["to"].as_str().unwrap().to_owned();
            let reopened = change["actor"] == "server";
            one.fixed += i64::from(!reopened && change["from"] == "NEW");
            assert_eq!(reopened, status == "NEW");
        }
        assert_eq!(issue["status"], status.as_str());
        assert_eq!(one.fixed, one.regressed + i64::from(status != "NEW"), "line {line}: {history:?}");
        let stats = center.get(&format!("/api/v1/issues/{}/stats", one.ids[0])).await.ok();
        let hours: i64 =
            stats["hours"].as_array().unwrap().iter().map(|hour| hour["count"].as_i64().unwrap()).sum();
        assert_eq!(hours, one.accepted);
    }
    let total: i64 = seen.values().map(|one| one.accepted).sum();
    assert!(
        seen.values().map(|one| one.regressed).sum::<i64>() > 50,
        "too few regressions to prove anything"
    );
    assert_eq!(center.get("/api/v1/stats").await.ok()["count"], total);
}

async fn history(center: &Center, id: i64) -> Vec<Value> {
    let answer = center.get(&format!("/api/v1/issues/{id}/history?limit=200")).await.ok();
    assert_eq!(answer["next_cursor"], Value::Null);
    answer["history"].as_array().unwrap().clone()
}

/// Starts a batch of 8 MiB and sends `sent` bytes of it.
async fn slow_batch(address: &str, sent: usize) -> tokio::net::TcpStream {
    use tokio::io::AsyncWriteExt;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head =
        format!("POST /api/v1/logs/batch HTTP/1.1\r\nHost: {address}\r\nContent-Length: 8388608\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may not read a refused batch to its end.
    let _ = stream.write_all(&vec![b' '; sent]).await;
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_take_no_memory_from_others() {
    let center = Center::start().await;
    let address = center.base.strip_prefix("http://").unwrap().to_owned();
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(slow_batch(&address, 1).await);
    }
    center.report(&report(1)).await.ok();
    center.batch(&[report(1), report(2)]).await.ok();
    let large = center.request("POST", "/api/v1/logs/batch").body(vec![b' '; 8 * 1024 * 1024 - 1]);
    assert_eq!(center.send(large).await.status, 400);
    drop(silent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overload_is_answered_and_nothing_grows() {
    let center = Arc::new(Center::start().await);
    let address = center.base.strip_prefix("http://").unwrap().to_owned();
    // More nearly complete bodies than fit into memory at once.
    let mut waiting = Vec::new();
    for _ in 0..8 {
        waiting.push(slow_batch(&address, 8 * 1024 * 1024 - 1).await);
    }
    let refused = crate::harness::eventually("one of them is refused at once", || async {
        waiting.iter().find_map(|stream| {
            let mut buffer = [0; 1024];
            let read = stream.try_read(&mut buffer).ok()?;
            Some(String::from_utf8_lossy(&buffer[..read]).to_lowercase())
        })
    });
    let refused = refused.await;
    assert!(refused.starts_with("http/1.1 503") && refused.contains("retry-after: 1"), "{refused}");
    // Single reports have their own memory pool.
    center.report(&report(1)).await.ok();
    drop(waiting);
    crate::harness::eventually("the memory is free again", || async {
        let request = center.request("POST", "/api/v1/logs/batch").body(vec![b' '; 8 * 1024 * 1024 - 1]);
        (center.send(request).await.status == 400).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removing_a_large_project_holds_nobody_up() {
    let center = Center::start().await;
    for batch in 0..20 {
        let reports: Vec<Value> =
            (0..200).map(|line| with(report(batch * 200 + line), json!({"project_id": "large"}))).collect();
        center.batch(&reports).await.ok();
    }
    let removing = center.delete("/api/v1/projects/large");
    let mut meanwhile = 0;
    let reporting = async {
        loop {
            center.report(&report(1)).await.ok();
            assert_eq!(center.get("/readyz").await.status, 200);
            meanwhile += 1;
            let left = center.get("/api/v1/stats").await.ok()["issues"].as_i64().unwrap();
            if left <= 1 {
                break;
            }
            // The deletion is seen half done: others had their turn in between.
        }
    };
    let (removed, ()) = tokio::join!(removing, reporting);
    assert_eq!(removed.status, 204);
    assert!(meanwhile > 5, "{meanwhile} requests were answered meanwhile");
}
