//! What is no longer kept is removed from the file, and nothing else is.

use super::database;
use crate::harness::{Center, report, with};
use logcenter_core::{Report, Status, Timestamp};
use logcenter_server::domain::{Actor, Change, IssueId, Override, ReceivedReport, RetentionStep, Scope};
use logcenter_server::store::{BatchId, Issues, Reports, Statistics, Upkeep};
use logcenter_server::{Retention, Sqlite, SqliteOptions};
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
    store.record(BatchId(id), Box::new(move || batch.into())).await.unwrap();
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

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A pass of the retention, as of a day.
async fn retain(store: &Sqlite, now: Timestamp) {
    let retention = Retention { issues_millis: Some(30 * DAY), ..Retention::default() };
    let mut step = Some(RetentionStep::FIRST);
    while let Some(next) = step {
        step = store.retain(retention, next, now).await.unwrap();
    }
}

#[tokio::test]
async fn over_a_year_the_file_stays_as_large_as_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("year.db");
    let store = Sqlite::open(&path).unwrap();
    let (mut sent, mut sizes) = (0, Vec::new());
    let mut long_lived = IssueId(0);
    // Ten issues go on all the year, every third hour; every day two more appear, which are closed and stay away.
    for day in 10_000..10_365_i64 {
        let passing = [1000 + 2 * day.cast_unsigned(), 1001 + 2 * day.cast_unsigned()];
        let hours = (0..24).step_by(3).flat_map(|hour| (1..=10).map(move |line| (hour, line)));
        let received = |(hour, line)| ReceivedReport {
            report: Report::from_json(report(line).to_string().as_bytes()).unwrap(),
            received_at: Timestamp::from_millis(day * DAY + hour * DAY / 24),
            trusted: false,
        };
        let batch: Vec<_> = hours.chain(passing.map(|line| (0, line))).map(received).collect();
        sent += i64::try_from(batch.len()).unwrap();
        let id = BatchId(day.cast_unsigned().into());
        let outcomes = store.record(id, Box::new(move || batch.into())).await.unwrap();
        long_lived = outcomes[0].id();
        for created in &outcomes[outcomes.len() - 2..] {
            let at = Timestamp::from_millis(day * DAY);
            let deployed = Change::to(Status::Deployed, Actor::person(None));
            let deployed = Change { overriding: Override::Force, ..deployed };
            store.change_status(created.id(), deployed, None, at).await.unwrap();
        }
        let now = Timestamp::from_millis((day + 1) * DAY);
        retain(&store, now).await;
        while store.purge_expired(now).await.unwrap() {}
        if day % 13 == 0 {
            let rows = rusqlite::Connection::open(&path).unwrap();
            let count = |table: &str| -> i64 {
                rows.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
            };
            sizes.push((count("events"), count("issue_hours"), count("project_hours")));
        }
    }
    // Of ten issues 51 events are kept; what 8192 new ones put aside is removed together.
    assert!(sizes.iter().all(|(events, _, _)| *events < 12_000), "events: {sizes:?}");
    let (first, last) = (sizes[sizes.len() - 8], sizes[sizes.len() - 1]);
    // Ten issues have a count for each day beyond the fortnight, and two new ones a day a single row each, which after a
    // month counts nothing.
    assert!(last.1 - first.1 <= 12 * 91, "hours: {sizes:?}");
    assert!(last.2 - first.2 <= 91, "hours of the project: {sizes:?}");
    let now = Timestamp::from_millis(10_365 * DAY);
    let stats = store.stats(Scope::All, now).await.unwrap();
    assert_eq!((stats.issues, stats.count), (10 + 2 * 365, sent));
    assert_eq!(stats.days.iter().map(|day| day.count).sum::<i64>(), 90 * (10 * 8 + 2));
    let one = store.issue_stats(long_lived, Timestamp::from_millis(0)).await.unwrap().unwrap();
    assert_eq!(one.days.len(), 365);
    assert!(one.days.iter().all(|day| day.count == 8), "{:?}", one.days);
    store.close().await.unwrap();
}
