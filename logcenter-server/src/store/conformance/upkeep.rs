//! [`Upkeep`](crate::store::Upkeep).

use super::sample::{HOUR, at, issue, received, record};
use crate::domain::recording::EVENT_ID_MEMORY_MILLIS;
use crate::domain::{IssueFilter, PageRequest, Sort};
use crate::store::{Batch, BatchId, Store, StoreError};
use serde_json::json;

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

/// A store responds until it is closed, and returns `Closed` after that.
pub async fn a_closed_store_says_so<S: Store>(store: &S) {
    store.ping().await.expect("it answers");
    issue(store, 1, 10).await;
    store.close().await.expect("closed");
    assert_eq!(store.ping().await, Err(StoreError::Closed));
    let page = PageRequest { sort: Sort::LastSeen, limit: 1, after: None };
    assert_eq!(store.issues(IssueFilter::default(), page).await.err(), Some(StoreError::Closed));
    let batch = Batch::from(vec![received(1, 10, json!({}))]);
    assert_eq!(store.record(BatchId(1), Box::new(move || batch)).await.err(), Some(StoreError::Closed));
    store.close().await.expect("closed once more");
}
