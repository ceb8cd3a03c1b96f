//! Over a year, a database stays as large as what is kept of it, and what is kept is counted exactly.

use crate::harness::postgres::{Database, psql_in};
use crate::harness::report;
use logcenter_core::{Report, Status, Timestamp};
use logcenter_server::domain::{Actor, Change, IssueId, Override, ReceivedReport, RetentionStep, Scope};
use logcenter_server::store::{Batch, BatchId, Store};
use logcenter_server::{Postgres, Retention, Sqlite};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A pass of the retention, as of a day.
async fn retain<S: Store>(store: &S, now: Timestamp) {
    let retention = Retention { issues_millis: Some(30 * DAY), ..Retention::default() };
    let mut step = Some(RetentionStep::FIRST);
    while let Some(next) = step {
        step = store.retain(retention, next, now).await.unwrap();
    }
}

/// A year of reports, with a pass of the retention each day. `count` counts the rows of a table.
async fn a_year<S: Store>(store: &S, count: impl Fn(&str) -> i64) {
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
        let outcomes = store.record(id, Batch::from(batch).only()).await.unwrap();
        long_lived = outcomes[0].id();
        for created in &outcomes[outcomes.len() - 2..] {
            let at = Timestamp::from_millis(day * DAY);
            let deployed = Change::to(Status::Deployed, Actor::person(None));
            let deployed = Change { overriding: Override::Force, ..deployed };
            store.change_status(created.id(), deployed, None, at).await.unwrap();
        }
        let now = Timestamp::from_millis((day + 1) * DAY);
        retain(store, now).await;
        while store.purge_expired(now).await.unwrap() {}
        if day % 13 == 0 {
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

#[tokio::test]
async fn a_file_stays_as_large_as_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("year.db");
    let store = Sqlite::open(&path).unwrap();
    let rows = rusqlite::Connection::open(&path).unwrap();
    a_year(&store, |table| {
        rows.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    })
    .await;
}

#[tokio::test]
async fn a_postgresql_database_stays_as_large_as_what_is_kept() {
    let database = Database::create().await;
    let store = Postgres::connect(&database.address()).await.unwrap();
    a_year(&store, |table| {
        psql_in(&database.name, &format!("SELECT count(*) FROM {table}")).trim().parse().unwrap()
    })
    .await;
}
