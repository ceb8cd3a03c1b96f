//! The events of an issue: which are kept, and how they are read.

use crate::harness::{Center, report, with};
use logcenter_core::{Report, Timestamp};
use logcenter_server::domain::Arrival;
use logcenter_server::{Sqlite, SqliteOptions, Store};
use serde_json::{Value, json};

async fn numbers(center: &Center, query: &str) -> Vec<i64> {
    let answer = center.get(&format!("/api/v1/issues/1/events?{query}")).await.ok();
    answer["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_newest_fifty_and_the_first_are_kept() {
    let center = Center::start().await;
    for batch in 0..20 {
        let reports: Vec<Value> =
            (0..7).map(|n| with(report(1), json!({"context": {"n": batch * 7 + n + 1}}))).collect();
        center.batch(&reports).await.ok();
    }
    let expected: Vec<i64> = (91..=140).rev().chain([1]).collect();
    assert_eq!(numbers(&center, "limit=200").await, expected);
    let events = center.get("/api/v1/issues/1/events?limit=200").await.ok();
    for event in events["events"].as_array().unwrap() {
        assert_eq!(event["context"]["n"], event["id"]);
        assert_eq!(event["error"]["stack_trace"], json!(["Traceback", "  line 1"]));
    }
    // Page by page.
    let (mut cursor, mut read) = (String::new(), Vec::new());
    loop {
        let page = center.get(&format!("/api/v1/issues/1/events?limit=20{cursor}")).await.ok();
        read.extend(page["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(read, expected);
}

#[tokio::test]
async fn one_batch_of_many_keeps_the_newest() {
    let center = Center::start().await;
    let reports: Vec<Value> = (0..200).map(|_| report(1)).collect();
    center.batch(&reports).await.ok();
    let expected: Vec<i64> = (151..=200).rev().chain([1]).collect();
    assert_eq!(numbers(&center, "limit=200").await, expected);
    assert_eq!(center.issue(1).await["count"], 200);
}

#[tokio::test]
async fn stacks_that_change_are_each_event_s_own() {
    let center = Center::start().await;
    let stack = |n: usize| json!([format!("run {}", n / 60), "same"]);
    for n in 0..200 {
        let mut one = report(1);
        one["error"]["stack_trace"] = if n % 50 == 7 { Value::Null } else { stack(n) };
        center.report(&one).await.ok();
    }
    let events = center.get("/api/v1/issues/1/events?limit=200").await.ok();
    let events = events["events"].as_array().unwrap();
    assert_eq!(events.len(), 51);
    for event in events {
        let n = event["id"].as_u64().unwrap() as usize - 1;
        let expected = if n % 50 == 7 { Value::Null } else { stack(n) };
        assert_eq!(event["error"]["stack_trace"], expected, "event {n}");
    }
}

#[tokio::test]
async fn what_is_no_longer_kept_leaves_the_file() {
    let center = Center::start().await;
    // A quiet issue between the noise must keep its events.
    center.report(&report(2)).await.ok();
    for _ in 0..150 {
        let reports: Vec<Value> = (0..200).map(|n| report(1 + 2 * (n % 7))).collect();
        center.batch(&reports).await.ok();
    }
    let rows: i64 = center.database().query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
    assert!(rows < 20_000, "{rows} events of 30,001 are in the file, of which 358 are kept");
    for issue in center.issues("").await {
        let path = format!("/api/v1/issues/{}/events?limit=200", issue["id"]);
        let events = center.get(&path).await.ok()["events"].as_array().unwrap().len();
        assert_eq!(events, if issue["count"] == 1 { 1 } else { 51 }, "{issue}");
    }
}

async fn record(store: &Sqlite, events: usize, environment: &str) {
    let body = with(report(1), json!({"environment": environment})).to_string();
    let arrival = move |_| Arrival {
        report: Report::from_json(body.as_bytes()).unwrap(),
        received_at: Timestamp::from_millis(1),
        trusted: false,
    };
    store.record(Box::new(move || (0..events).map(arrival).collect())).await.unwrap();
}

#[tokio::test]
async fn keeping_fewer_events_than_before_loses_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        |kept_events| Sqlite::open_with(folder.path().join("x.db"), SqliteOptions { kept_events }).unwrap();
    let store = open(200);
    // The first event must not be the one that the others look like: it is never swept.
    record(&store, 1, "first").await;
    record(&store, 190, "others").await;
    store.close().await.unwrap();
    let store = open(5);
    // Enough batches for a whole pass of the sweep.
    for n in 0..10 {
        record(&store, 1, "others").await;
        let kept = store.events(1, None, 200).await.unwrap().unwrap().items;
        let expected: Vec<i64> = (188 + n..193 + n).rev().chain([1]).collect();
        assert_eq!(kept.iter().map(|event| event.id).collect::<Vec<_>>(), expected);
    }
    store.close().await.unwrap();
}
