//! The events of an issue: which are kept, and how they are read.

use crate::harness::{Center, report, with};
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
