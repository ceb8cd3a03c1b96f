//! What is in the file, and what is not.

use super::database;
use crate::harness::{Center, Options, report, with};
use serde_json::json;

#[tokio::test]
async fn a_removed_issue_leaves_no_row() {
    let center = Center::start().await;
    center.report(&with(report(1), json!({"event_id": "kept"}))).await.ok();
    center.report(&with(report(2), json!({"event_id": "gone", "version": "1"}))).await.ok();
    center.force(2, "FIXED").await;
    assert_eq!(center.delete("/api/v1/issues/2").await.status, 204);
    let database = database(&center);
    let rows = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(rows("SELECT count(*) FROM events"), 1);
    assert_eq!(rows("SELECT count(*) FROM event_ids"), 1);
    for table in ["history WHERE issue_id = 2", "issue_hours WHERE issue_id = 2", "issue_releases"] {
        assert_eq!(rows(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[tokio::test]
async fn a_key_is_stored_as_a_hash() {
    let center = Center::start_with(Options { admin_token: Some("secret"), ..Options::default() }).await;
    let admin = center.bearer("secret");
    admin.with_json("PUT", "/api/v1/projects/rtc_backend", &json!({})).await.ok();
    let made = admin.send(admin.request("POST", "/api/v1/projects/rtc_backend/keys")).await.json();
    let stored: Vec<u8> =
        database(&center).query_row("SELECT hash FROM ingest_keys", [], |row| row.get(0)).unwrap();
    assert_eq!(stored.len(), 32);
    assert_ne!(stored, made["key"].as_str().unwrap().as_bytes());
}

#[tokio::test]
async fn a_row_that_cannot_be_read_costs_its_own_report_alone() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    // As a failed merge would leave it: a fingerprint whose issue is gone.
    let fingerprint = center.issue(1).await["fingerprint"].as_str().unwrap().to_owned();
    let orphan = center.report(&report(2)).await.ok()["id"].as_i64().unwrap();
    assert_eq!(orphan, 2);
    let center = center.restart_after(|file| {
        let database = rusqlite::Connection::open(file).unwrap();
        let damage = "UPDATE unindexed_issues SET from_id = 9; INSERT OR REPLACE INTO fingerprints
            SELECT fingerprint, id FROM issues; UPDATE fingerprints SET issue_id = 77 WHERE issue_id = 1";
        database.execute_batch(damage).unwrap();
    });
    let center = center.await;
    assert_eq!(fingerprint.len(), 32);
    let reports: Vec<_> = (1..=40).map(report).collect();
    let results = center.batch(&reports).await.ok();
    let results = results["results"].as_array().unwrap();
    assert_eq!(results[0]["problem"]["status"], 503, "{}", results[0]);
    for result in &results[1..] {
        assert!(result["id"].as_i64().is_some(), "{result}");
    }
    assert_eq!(center.issue(2).await["count"], 2);
    // This continues: nothing else is held up.
    center.report(&report(1)).await.problem(503);
    center.report(&report(50)).await.ok();
}
