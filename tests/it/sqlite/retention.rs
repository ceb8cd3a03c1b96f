//! What is no longer kept is removed from the file, and nothing else is.

use super::database;
use crate::harness::{Center, report, with};
use logcenter_core::{Report, Timestamp};
use logcenter_server::domain::{IssueId, ReceivedReport};
use logcenter_server::store::{Batch, BatchId, Issues, Reports, Upkeep};
use logcenter_server::{Sqlite, SqliteOptions};
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_no_longer_kept_leaves_the_file() {
    let center = Center::start().await;
    // A quiet issue among the noise must keep its events.
    center.report(&report(2)).await.ok();
    for _ in 0..150 {
        let reports: Vec<Value> = (0..200).map(|n| report(1 + 2 * (n % 7))).collect();
        center.batch(&reports).await.ok();
    }
    let rows: i64 = database(&center).query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
    assert!(rows < 20_000, "{rows} events of 30,001 are in the file, of which 358 are kept");
    for issue in center.issues("").await {
        let path = format!("/api/v1/issues/{}/events?limit=200", issue["id"]);
        let events = center.get(&path).await.ok()["events"].as_array().unwrap().len();
        assert_eq!(events, if issue["count"] == 1 { 1 } else { 51 }, "{issue}");
    }
}

async fn record(store: &Sqlite, id: u128, events: usize, environment: &str) {
    let body = with(report(1), json!({"environment": environment})).to_string();
    let received = move |_| ReceivedReport {
        report: Report::from_json(body.as_bytes()).unwrap(),
        received_at: Timestamp::from_millis(1),
        trusted: false,
    };
    let batch: Vec<_> = (0..events).map(received).collect();
    store.record(BatchId(id), Batch::from(batch).only()).await.unwrap();
}

#[tokio::test]
async fn keeping_fewer_events_than_before_loses_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        |kept_events| Sqlite::open_with(folder.path().join("x.db"), SqliteOptions { kept_events }).unwrap();
    let store = open(200);
    // The first event is never removed, so it must not hold the payload of the others.
    record(&store, 1, 1, "first").await;
    record(&store, 2, 190, "others").await;
    store.close().await.unwrap();
    let store = open(5);
    // Enough batches for a whole retention pass.
    for n in 0..10 {
        record(&store, n as u128, 1, "others").await;
        let kept = store.events(IssueId(1), None, 200).await.unwrap().unwrap().items;
        let expected: Vec<i64> = (188 + n..193 + n).rev().chain([1]).collect();
        assert_eq!(kept.iter().map(|event| event.id.0).collect::<Vec<_>>(), expected);
    }
    store.close().await.unwrap();
}
