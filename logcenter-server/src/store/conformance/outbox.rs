//! [`Outbox`](crate::store::Outbox).

use super::sample::{at, change, force, issue, received, record, shop};
use crate::domain::{Actor, Deployment, FeedPosition, IssueEventKind, IssueEvents, IssueId, Override};
use crate::store::Store;
use logcenter_core::Status;
use serde_json::Value;

async fn now<S: Store>(store: &S) -> FeedPosition {
    store.issue_events(None, 0).await.expect("read").next
}

async fn since<S: Store>(store: &S, position: FeedPosition) -> IssueEvents {
    store.issue_events(Some(position), 100).await.expect("read")
}

fn told(events: &IssueEvents) -> Vec<(i64, IssueEventKind)> {
    events.events.iter().map(|event| (event.issue_id.0, event.kind)).collect()
}

/// Issue events are not kept until somebody asks for them; a later reader is told that some may be missing.
pub async fn nothing_is_kept_while_nobody_wants_it<S: Store>(store: &S) {
    let before = now(store).await;
    issue(store, 1, 1000).await;
    assert_eq!(told(&since(store, before).await), []);
    store.keep_issue_events(at(3000), at(2000)).await.expect("kept");
    let late = since(store, before).await;
    assert!(late.missed && late.events.is_empty(), "{late:?}");
    issue(store, 2, 2500).await;
    assert_eq!(told(&since(store, late.next).await), [(2, IssueEventKind::Created)]);
}

/// Every change is announced, in the order in which it happened, at a position to continue from.
pub async fn facts_are_announced_in_their_order<S: Store>(store: &S) {
    store.keep_issue_events(at(9000), at(1000)).await.expect("kept");
    let begin = now(store).await;
    let id = issue(store, 1, 1000).await;
    force(store, id, Status::Fixed, 1100).await;
    record(store, vec![received(1, 1200, Value::Null)]).await;
    force(store, id, Status::Verified, 1300).await;
    let deployment = Deployment {
        project_id: shop(),
        environment: crate::domain::text::Environment::cut("production"),
        commits: Vec::new(),
        version: None,
        actor: Actor::person(None),
    };
    store.deploy(deployment, at(1400)).await.expect("deployed");
    let refused = crate::domain::Change { overriding: Override::No, ..change(Status::Fixing) };
    store.change_status(id, refused, None, at(1450)).await.expect("answered");
    store.delete_issue(id, at(1500)).await.expect("removed");
    use IssueEventKind::{Created, Deleted, Deployed, Regressed, StatusChanged};
    let kinds = [Created, StatusChanged, Regressed, StatusChanged, Deployed, Deleted];
    let all = since(store, begin).await;
    assert!(!all.missed);
    assert_eq!(told(&all), kinds.map(|kind| (id.0, kind)));
    assert!(all.events.windows(2).all(|pair| pair[0].position < pair[1].position));
    assert_eq!(all.next, all.events[5].position);
    let rest = since(store, all.events[3].position).await;
    assert_eq!(told(&rest), kinds[4..].iter().map(|kind| (id.0, *kind)).collect::<Vec<_>>());
    let page = store.issue_events(Some(begin), 2).await.expect("read");
    assert_eq!((page.events.len(), page.next), (2, all.events[1].position));
}

/// Further reports of an issue are announced together, and no read misses one that was answered before it.
pub async fn counts_are_announced_once_an_issue<S: Store>(store: &S) {
    issue(store, 1, 1000).await;
    issue(store, 2, 1000).await;
    store.keep_issue_events(at(9000), at(1000)).await.expect("kept");
    let begin = now(store).await;
    for _ in 0..10 {
        issue(store, 1, 1100).await;
    }
    let counted = since(store, begin).await;
    assert!(!counted.events.is_empty());
    assert!(counted.events.iter().all(|event| event.issue_id == IssueId(1)), "{counted:?}");
    assert!(counted.events.iter().all(|event| event.kind == IssueEventKind::Counted), "{counted:?}");
    issue(store, 2, 1200).await;
    assert_eq!(told(&since(store, counted.next).await), [(2, IssueEventKind::Counted)]);
}

/// Events before keeping began are reported as missed, and so is a position that was never issued.
pub async fn a_gap_is_told<S: Store>(store: &S) {
    store.keep_issue_events(at(2000), at(1000)).await.expect("kept");
    let seen = now(store).await;
    issue(store, 1, 1500).await;
    assert!(!since(store, seen).await.missed);
    issue(store, 2, 2500).await;
    store.keep_issue_events(at(4000), at(3000)).await.expect("kept");
    issue(store, 3, 3500).await;
    let back = since(store, seen).await;
    assert!(back.missed);
    assert_eq!(told(&back), [(3, IssueEventKind::Created)]);
    assert!(since(store, FeedPosition(i64::MAX)).await.missed);
}
