//! [`Upkeep`](crate::store::Upkeep).

use super::repairs::{claimed, next, update, wanted};
use super::sample::{HOUR, at, force, issue, list, received, record};
use crate::domain::query::Test;
use crate::domain::recording::EVENT_ID_MEMORY_MILLIS;
use crate::domain::{
    IssueFilter, IssueId, Outcome, PageRequest, PeriodCount, Retention, RetentionStep, Scope, Sort,
};
use crate::store::{Batch, BatchId, Store, StoreError};
use logcenter_core::Status;
use logcenter_core::repair::Stage;
use serde_json::{Value, json};

const DAY: i64 = 24 * HOUR;

async fn purge<S: Store>(store: &S, millis: i64) {
    while store.purge_expired(at(millis)).await.expect("purged") {}
}

/// An event id is remembered for 24 hours after it was last seen, and no longer.
pub async fn event_ids_expire<S: Store>(store: &S) {
    let named = |millis| vec![received(1, millis, json!({"event_id": "e"}))];
    let id = record(store, named(0)).await[0].id();
    for (millis, count) in [(20 * HOUR, 1), (20 * HOUR + EVENT_ID_MEMORY_MILLIS, 1), (69 * HOUR, 2)] {
        purge(store, millis).await;
        record(store, named(millis)).await;
        let issue = store.issue(id).await.expect("read").expect("an issue").issue;
        assert_eq!(issue.count, count, "after {millis} ms");
    }
}

/// Issue events expire; a listener that was away too long is told that it missed some.
pub async fn issue_events_expire<S: Store>(store: &S) {
    store.keep_issue_events(at(100 * HOUR), at(HOUR)).await.expect("kept");
    let begin = store.issue_events(None, 0).await.expect("read").next;
    issue(store, 1, HOUR).await;
    purge(store, HOUR + 1000).await;
    assert!(!store.issue_events(Some(begin), 10).await.expect("read").missed);
    purge(store, 10 * HOUR).await;
    let late = store.issue_events(Some(begin), 10).await.expect("read");
    assert!(late.missed && late.events.is_empty(), "{late:?}");
    assert!(!store.issue_events(Some(late.next), 10).await.expect("read").missed);
}

/// A whole pass of a retention.
async fn retain<S: Store>(store: &S, retention: Retention, millis: i64) {
    let mut step = Some(RetentionStep::FIRST);
    while let Some(next) = step {
        step = store.retain(retention, next, at(millis)).await.expect("retained");
    }
}

/// Counts by the hour become counts by the day once they are old, and add up as before.
pub async fn old_hours_become_days<S: Store>(store: &S) {
    let (day, now) = (100 * DAY, 110 * DAY);
    for hour in [0, 1, 5, 23, 24] {
        record(
            store,
            vec![
                received(1, day + hour * HOUR, json!({"count": 2})),
                received(1, day + hour * HOUR + 9, json!({"environment": "staging"})),
                received(2, day + hour * HOUR, json!({"project_id": "other"})),
            ],
        )
        .await;
    }
    let newest = issue(store, 1, now).await;
    let read = async || {
        let stats = store.stats(Scope::All, at(now)).await.expect("read");
        let of_issue = store.issue_stats(newest, at(0)).await.expect("read").expect("an issue");
        (stats.days, of_issue.days, of_issue.environments, of_issue.hours)
    };
    let counts = |periods: &[PeriodCount]| -> Vec<(i64, i64)> {
        periods.iter().map(|period| (period.at.millis() / HOUR, period.count)).collect()
    };
    let (days, of_issue, environments, hours) = read().await;
    assert_eq!(hours.len(), 6);
    let keep = |days| Retention { hours_millis: days * DAY, ..Retention::default() };
    retain(store, keep(11), now).await;
    assert_eq!(read().await.3.len(), 6, "nothing is that old");
    retain(store, keep(9), now).await;
    retain(store, keep(9), now).await;
    let after = read().await;
    let sorted = |environments: Vec<crate::domain::EnvironmentCount>| -> Vec<(String, i64, i64)> {
        environments.into_iter().map(|one| (one.environment, one.count, one.last_seen.millis())).collect()
    };
    assert_eq!((counts(&after.0), counts(&after.1)), (counts(&days), counts(&of_issue)));
    assert_eq!(sorted(after.2), sorted(environments));
    assert_eq!(counts(&after.3), [(2400, 12), (2424, 3), (2640, 1)]);
    // A report that comes late is counted beside them.
    record(store, vec![received(1, now, json!({"timestamp": at(day + HOUR).to_string()}))]).await;
    retain(store, keep(9), now).await;
    assert_eq!(read().await.1.iter().map(|day| day.count).sum::<i64>(), 17);
    // Deleted while its hours are days already, and those of its project are not yet.
    record(store, vec![received(1, now + HOUR, Value::Null), received(2, now + HOUR, Value::Null)]).await;
    let later = now + 20 * DAY;
    assert_eq!(
        store.retain(keep(9), RetentionStep::FIRST, at(later)).await.expect("retained"),
        Some(RetentionStep::Projects)
    );
    assert!(store.delete_issue(newest, at(later)).await.expect("removed"));
    retain(store, keep(9), later).await;
    let left = store.stats(Scope::All, at(later)).await.expect("read").days;
    assert_eq!(left.iter().map(|day| day.count).sum::<i64>(), 6);
}

/// A closed issue that was not seen for long loses its events, counts by time and attempts, and nothing else: it is found,
/// and reopens.
pub async fn a_closed_issue_keeps_what_names_it<S: Store>(store: &S) {
    let (closed, open) = (issue(store, 1, DAY).await, issue(store, 2, DAY).await);
    let recent = issue(store, 3, 50 * DAY).await;
    for agent in ["one", "two", "three"] {
        claimed(store, wanted(agent), 20 * DAY).await;
    }
    let decided = issue(store, 4, DAY).await;
    let attempt = update(store, closed, "three", next(Stage::Verify, None), 20 * DAY).await;
    for (id, day) in [(closed, 20), (recent, 51), (decided, 51)] {
        force(store, id, Status::Deployed, day * DAY).await;
    }
    let retention = Retention { issues_millis: Some(30 * DAY), ..Retention::default() };
    retain(store, Retention::default(), 60 * DAY).await;
    assert_eq!(store.events(closed, None, 9).await.expect("read").expect("an issue").items.len(), 1);
    retain(store, retention, 60 * DAY).await;

    let events = async |id: IssueId| {
        let events = store.events(id, None, 9).await.expect("read").expect("an issue").items;
        events.iter().map(|event| event.id.0).collect::<Vec<_>>()
    };
    assert_eq!((events(closed).await, events(open).await), (vec![], vec![1]));
    // Neither one that was seen lately, nor one that was closed lately.
    assert_eq!((events(recent).await, events(decided).await), (vec![1], vec![1]));
    assert!(store.attempt(attempt).await.expect("read").is_none());
    let stats = store.issue_stats(closed, at(0)).await.expect("read").expect("an issue");
    assert!(stats.days.is_empty() && stats.environments.is_empty());
    let detail = store.issue(closed).await.expect("read").expect("an issue");
    assert_eq!((detail.issue.status, detail.issue.count, detail.stack_trace), (Status::Deployed, 1, None));
    assert_eq!(detail.issue.error.message, "wrong at 1");
    assert!(!store.history(closed, None, 9).await.expect("read").expect("an issue").items.is_empty());
    for filter in [
        IssueFilter::of([Test::Text("wrong at 1".into())]),
        IssueFilter::of([Test::Environment(vec!["production".into()]), Test::Status(vec![Status::Deployed])]),
    ] {
        assert!(
            list(store, filter.clone(), Sort::LastSeen).await.iter().any(|issue| issue.id == closed),
            "{filter:?}"
        );
    }

    // It comes back with what it looks like now, also where that is the same as before.
    let back = record(store, vec![received(1, 61 * DAY, Value::Null)]).await;
    assert_eq!(back, [Outcome::Regressed { id: closed }]);
    record(store, vec![received(1, 61 * DAY, json!({"environment": "staging"}))]).await;
    let detail = store.issue(closed).await.expect("read").expect("an issue");
    assert_eq!((detail.issue.count, detail.stack_trace.as_deref()), (3, Some("Traceback\nline 1")));
    assert_eq!(events(closed).await, [3, 2]);
    assert!(store.delete_issue(closed, at(62 * DAY)).await.expect("removed"));
    for environment in ["production", "staging"] {
        let left = IssueFilter::of([Test::Environment(vec![environment.into()])]);
        assert!(!list(store, left, Sort::LastSeen).await.iter().any(|issue| issue.id == closed));
    }
}

/// A store responds until it is closed, and returns `Closed` after that.
pub async fn a_closed_store_says_so<S: Store>(store: &S) {
    store.ping().await.expect("it answers");
    issue(store, 1, 10).await;
    store.close().await.expect("closed");
    assert_eq!(store.ping().await, Err(StoreError::Closed));
    let page = PageRequest { sort: Sort::LastSeen, limit: 1, after: None };
    assert_eq!(store.issues(IssueFilter::default(), page).await.err(), Some(StoreError::Closed));
    let batch = Batch::from(vec![received(1, 10, json!({}))]);
    assert_eq!(store.record(BatchId(1), batch.only()).await.err(), Some(StoreError::Closed));
    store.close().await.expect("closed once more");
}
