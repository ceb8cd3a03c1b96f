//! A disk that is full.

use crate::harness::{Process, eventually, report, with};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_loses_nothing_and_is_recovered_from() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start_on_a_small_disk(folder.path(), 8 << 20);
    let filler = server.on_its_disk(folder.path()).join("filler");
    std::fs::write(&filler, vec![1; 3 << 20]).unwrap();
    let mut acknowledged = Vec::new();
    let long = "x".repeat(8000);
    let problem = loop {
        let line = acknowledged.len() as u64 + 1;
        let answer = server.report(&with(report(line), json!({"context": {"long": long}}))).await;
        if answer.status != 200 {
            break answer;
        }
        acknowledged.push(answer.ok()["id"].clone());
        assert!(acknowledged.len() < 2000, "the disk is never full");
    };
    assert!(problem.headers["retry-after"].to_str().unwrap().parse::<u32>().is_ok());
    problem.problem(503);
    server.get("/readyz").await.problem(503);
    assert_eq!(server.get("/healthz").await.status, 200);
    assert!(!server.issues("").await.is_empty(), "reading goes on");

    std::fs::remove_file(&filler).unwrap();
    eventually("it is ready again", || async { (server.get("/readyz").await.status == 200).then_some(()) })
        .await;
    server.report(&report(1)).await.ok();
    for id in &acknowledged {
        assert_eq!(server.get(&format!("/api/v1/issues/{id}")).await.status, 200, "{id} was acknowledged");
    }
}
