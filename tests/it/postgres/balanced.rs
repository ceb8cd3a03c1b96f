//! Two replicas behind the balancer that we ship: killed, stopped and replaced, they lose nothing.

use crate::harness::postgres::Database;
use crate::harness::{Http, Process, eventually, report, tools, with};
use serde_json::json;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const LINES: u64 = 20;

struct Balancer(Child);

impl Drop for Balancer {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn authority(http: &Http) -> &str {
    http.base.strip_prefix("http://").unwrap()
}

/// Sends until it is told to stop; each report until it is acknowledged. Returns how many were.
async fn client(http: Http, next: Arc<AtomicU64>, is_over: Arc<AtomicBool>) -> u64 {
    let mut acknowledged = 0;
    while !is_over.load(Ordering::SeqCst) {
        let n = next.fetch_add(1, Ordering::SeqCst);
        let body = with(report(n % LINES), json!({"event_id": format!("event {n}")})).to_string();
        eventually("a report is acknowledged", || async {
            let request = http.request("POST", "/api/v1/logs/report").body(body.clone());
            http.try_send(request).await.ok().filter(|answer| answer.status == 200)
        })
        .await;
        acknowledged += 1;
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_are_killed_and_replaced_without_a_loss() {
    let database = Database::create().await;
    let start = |listen: &[&str]| {
        Process::start_on(&database.address(), &[&["--admin-token", "secret"], listen].concat())
    };
    let (mut one, two) = (start(&[]), start(&[]));
    let (address, dashboard) = (authority(&one).to_owned(), authority(&one.dashboard).to_owned());
    let again = ["--listen", &address, "--dashboard-listen", &dashboard];
    let (balanced, balanced_dashboard) = (free_address(), free_address());
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/compose/haproxy.cfg");
    let _balancer = Balancer(
        Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(config)
            .env("BALANCER_API", &balanced)
            .env("BALANCER_DASHBOARD", &balanced_dashboard)
            .env("REPLICA_ONE_API", &address)
            .env("REPLICA_ONE_DASHBOARD", &dashboard)
            .env("REPLICA_TWO_API", authority(&two))
            .env("REPLICA_TWO_DASHBOARD", authority(&two.dashboard))
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("haproxy: {error}; {}", tools::INSTALL)),
    );
    let http = Http::new(format!("http://{balanced}"));
    let (next, is_over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let http = Http::new(http.base.clone());
            tokio::spawn(client(http, Arc::clone(&next), Arc::clone(&is_over)))
        })
        .collect();
    let pass = async |count: u64| {
        let until = next.load(Ordering::SeqCst) + count;
        eventually("reports go on", || async { (next.load(Ordering::SeqCst) > until).then_some(()) }).await;
    };
    for _ in 0..3 {
        pass(300).await;
        // In the middle of what it does.
        one.kill();
        pass(300).await;
        one = start(&again);
    }
    pass(300).await;
    // Replaced in order: told to stop, it answers what it has taken.
    assert!(one.terminate().success());
    pass(300).await;
    let _one = start(&again);
    pass(300).await;
    is_over.store(true, Ordering::SeqCst);
    let mut acknowledged = 0;
    for client in clients {
        acknowledged += client.await.unwrap();
    }
    let dashboard = Http::new(format!("http://{balanced_dashboard}"));
    assert_eq!(dashboard.get("/login").await.status, 200);
    let stats = http.bearer("secret").get("/api/v1/stats").await.ok();
    assert_eq!((stats["issues"].as_u64(), stats["count"].as_u64()), (Some(LINES), Some(acknowledged)));
    let hours: u64 =
        stats["hours"].as_array().unwrap().iter().map(|hour| hour["count"].as_u64().unwrap()).sum();
    assert_eq!(hours, acknowledged);
}
