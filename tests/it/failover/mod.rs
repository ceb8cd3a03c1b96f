//! Servers, networks and replicas fail, and nothing that was acknowledged is lost.
#![expect(clippy::print_stdout, reason = "it says how long nobody could report")]

mod cluster;
mod load;
mod replicas;

use crate::harness::{Http, eventually_within};
use crate::postgres::upgrade::ADDS;
use cluster::Cluster;
use load::{Load, RETURNING};
use replicas::Replicas;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Events that are sent before and after each scene.
const BETWEEN: u64 = 300;

/// Waits until so many more events were sent than now.
async fn sent(load: &Load, count: u64) {
    let until = load.sent() + count;
    eventually_within(PATIENCE, "clients get on", || async { (load.sent() >= until).then_some(()) }).await;
}

/// For as long as a failure lasts that does not end by itself.
async fn lasts(seconds: u64) {
    tokio::time::interval_at(tokio::time::Instant::now() + Duration::from_secs(seconds), Duration::MAX)
        .tick()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "slow: scripts/test --slow"]
async fn what_was_acknowledged_survives_every_failure() {
    let cluster = Cluster::start().await;
    let mut replicas = Replicas::start(&cluster);
    let admin = replicas.http.bearer("secret");
    let token = json!({"name": "robot", "role": "agent", "project_ids": ["claimed"]});
    let token =
        admin.with_json("POST", "/api/v1/tokens", &token).await.ok()["token"].as_str().unwrap().to_owned();
    let load = Load::start(&admin, &replicas.http.bearer(token));
    sent(&load, BETWEEN).await;
    load.longest_stall();
    for scene in [
        "SIGKILL of the primary",
        "SIGSTOP of the primary for 32 s",
        "SIGKILL of a standby",
        "SIGKILL of a replica during commits",
        "rolling restart of the replicas",
        "rolling update over a migration",
        "a replica cut off from the database",
    ] {
        let primary = cluster.primary().name;
        let node = |is_primary: bool| {
            cluster.nodes.iter().find(|node| (node.name == primary) == is_primary).unwrap()
        };
        match scene {
            "SIGKILL of the primary" => node(true).kill_postgres(),
            "SIGKILL of a standby" => node(false).kill_postgres(),
            "SIGSTOP of the primary for 32 s" => {
                node(true).signal("-STOP");
                lasts(32).await;
                node(true).signal("-CONT");
            }
            "SIGKILL of a replica during commits" => {
                let standbys = || cluster.nodes.iter().filter(|node| node.name != primary);
                // Now no commit ends.
                standbys().for_each(|node| node.signal_postgres("-STOP"));
                lasts(2).await;
                replicas.kill(0);
                standbys().for_each(|node| node.signal_postgres("-CONT"));
                sent(&load, BETWEEN).await;
                replicas.start_again(0);
            }
            "rolling restart of the replicas" | "rolling update over a migration" => {
                if scene != "rolling restart of the replicas" {
                    // As the first replica of a next version does, while all of this version go on.
                    cluster.psql("logcenter", ADDS);
                    sent(&load, BETWEEN).await;
                }
                for number in 0..3 {
                    replicas.stop(number);
                    sent(&load, BETWEEN).await;
                    replicas.start_again(number);
                    sent(&load, BETWEEN).await;
                }
            }
            _ => {
                replicas.network.connected(false);
                lasts(15).await;
                sent(&load, BETWEEN).await;
                replicas.network.connected(true);
            }
        }
        sent(&load, BETWEEN).await;
        cluster.healthy().await;
        sent(&load, BETWEEN).await;
        println!(
            "{scene}: no report was acknowledged for {:.1} s at most",
            load.longest_stall().as_secs_f64()
        );
        acknowledged_is_stored(&cluster, &load);
    }
    all_is_exact(&cluster, &admin, load).await;
}

fn numbers<T: std::str::FromStr + Ord>(cluster: &Cluster, sql: &str) -> BTreeSet<T> {
    cluster.psql("logcenter", sql).lines().filter_map(|line| line.parse().ok()).collect()
}

/// Every event that was acknowledged so far is in the database.
fn acknowledged_is_stored(cluster: &Cluster, load: &Load) {
    let events = load.told.lock().unwrap().events.clone();
    let stored: BTreeSet<u64> = numbers(cluster, "SELECT substring(event_id FROM 7) FROM event_ids");
    let lost: Vec<&u64> = events.difference(&stored).take(10).collect();
    assert!(lost.is_empty() && !events.is_empty(), "acknowledged and lost: {lost:?}");
}

/// When everybody has been answered, each event is counted once, and each fact was told once.
async fn all_is_exact(cluster: &Cluster, admin: &Http, load: Load) {
    let told = load.end().await;
    let count = u64::try_from(told.events.len()).unwrap();
    for sql in [
        "SELECT count(*) FROM event_ids",
        "SELECT sum(count) FROM issues",
        "SELECT sum(events) FROM issues",
        "SELECT sum(count) FROM issue_hours",
        "SELECT sum(count) FROM project_hours",
    ] {
        assert_eq!(cluster.psql("logcenter", sql), count.to_string(), "{sql}");
    }
    assert!(told.created.values().all(|&times| times == 1), "new more than once: {:?}", told.created);
    let sql = format!("SELECT id FROM issues WHERE line_number = {RETURNING}");
    let returning: i64 = cluster.psql("logcenter", &sql).parse().unwrap();
    assert!(told.returned > 0);
    assert_eq!(admin.issue(returning).await["regressions"], told.returned);
    let sql = format!(
        r#"SELECT count(*) FROM history WHERE issue_id = {returning} AND "from" = 'DEPLOYED' AND "to" = 'NEW'"#
    );
    assert_eq!(cluster.psql("logcenter", &sql), told.returned.to_string());
    // An issue that was claimed by somebody whose answer was lost waits for the end of its lease.
    let once =
        r#"SELECT issue_id FROM history WHERE "to" = 'CANNOT_REPRODUCE' GROUP BY 1 HAVING count(*) = 1"#;
    let completed: BTreeSet<i64> = numbers(cluster, once);
    assert!(!told.completed.is_empty() && told.completed.is_subset(&completed));
    let more =
        r#"SELECT issue_id FROM history WHERE "to" = 'CANNOT_REPRODUCE' GROUP BY 1 HAVING count(*) > 1"#;
    assert_eq!(cluster.psql("logcenter", more), "");
    let claims = r#"SELECT r.issue_id FROM repairs r WHERE r.epoch <>
        (SELECT count(*) FROM history WHERE issue_id = r.issue_id AND "to" = 'VERIFYING')"#;
    assert_eq!(cluster.psql("logcenter", claims), "");
    println!(
        "{count} events, {} issues claimed and done with, one issue that came back {} times",
        told.completed.len(),
        told.returned
    );
}
