//! [`Reports`](crate::store::Reports).

use super::sample::{at, force, issue, list, received, record, shop};
use crate::domain::query::Test;
use crate::domain::{
    Editor, EventNumber, FieldEdit, HistoryEntry, IssueFilter, IssueId, Outcome, ProjectEdit, Sort,
};
use crate::store::{Batch, BatchId, Store};
use logcenter_core::{RegressionRule, Status};
use serde_json::{Value, json};

/// The first report with a fingerprint creates its issue and later ones are counted, within a batch and across batches.
pub async fn created_then_deduplicated<S: Store>(store: &S) {
    let batch = vec![
        received(1, 10, Value::Null),
        received(2, 10, Value::Null),
        received(1, 10, json!({"count": 3})),
    ];
    let (one, two) = (IssueId(1), IssueId(2));
    let outcomes = record(store, batch).await;
    let mut created: Vec<IssueId> = outcomes[..2].iter().map(|outcome| outcome.id()).collect();
    assert!(outcomes[..2].iter().all(|outcome| matches!(outcome, Outcome::Created { .. })), "{outcomes:?}");
    assert_eq!(outcomes[2], Outcome::Deduplicated { id: created[0], status: Status::New });
    let again = record(store, vec![received(1, 20, Value::Null)]).await;
    assert_eq!(again, [Outcome::Deduplicated { id: created[0], status: Status::New }]);
    let detail = store.issue(created[0]).await.expect("read").expect("an issue");
    assert_eq!((detail.issue.count, detail.issue.first_seen, detail.issue.last_seen), (5, at(10), at(20)));
    created.sort_unstable();
    assert_eq!(created, [one, two]);
}

/// Texts that are as long as they may be, of characters that take four bytes each and do not compress, are recorded.
pub async fn the_longest_texts_are_recorded<S: Store>(store: &S) {
    let long = |characters: u32| -> String {
        let character = |at: u32| char::from_u32(0x1_0000 + at.wrapping_mul(2_654_435_761) % 0xF_0000);
        (0..characters).map(|at| character(at).unwrap_or('x')).collect()
    };
    let fields = json!({
        "environment": long(128), "event_id": long(64), "version": long(512), "commit_hash": long(511),
        "error": {"type": long(512), "message": long(4096), "file_path": long(1024), "line_number": 7,
                  "stack_trace": [long(1024)]},
    });
    let batch = || vec![received(1, 10, fields.clone())];
    let id = record(store, batch()).await[0].id();
    record(store, batch()).await;
    let issue = store.issue(id).await.expect("read").expect("an issue").issue;
    assert_eq!((issue.count, issue.environment, issue.version), (1, long(128), Some(long(512))));
    let part = Test::Text(issue.error.message[40..80].into());
    assert_eq!(list(store, IssueFilter::of([part]), Sort::LastSeen).await.len(), 1);
}

/// A batch recorded again under the same id, as after an unknown outcome, is counted once and answered as before.
pub async fn durable_batches_are_counted_once<S: Store>(store: &S) {
    let batch = Batch::from(vec![received(1, 10, Value::Null), received(1, 10, Value::Null)]);
    let send = |id: u128| store.record(BatchId(id), batch.clone().only());
    let first = send(1 << 64).await.expect("recorded");
    assert_eq!(send(1 << 64).await.expect("recorded"), first);
    let id = first[0].id();
    assert_eq!(store.issue(id).await.expect("read").expect("an issue").issue.count, 2);
    assert_ne!(send(2 << 64).await.expect("recorded"), first);
    assert_eq!(store.issue(id).await.expect("read").expect("an issue").issue.count, 4);
}

/// A second report with the same `event_id` is not counted and never reopens; it is answered with the issue's current
/// status.
pub async fn repeats_count_nothing<S: Store>(store: &S) {
    let named = || received(1, 10, json!({"event_id": "e"}));
    let outcomes = record(store, vec![named(), named()]).await;
    let id = outcomes[0].id();
    assert_eq!(outcomes, [Outcome::Created { id }, Outcome::Deduplicated { id, status: Status::New }]);
    force(store, id, Status::Fixed, 20).await;
    let repeat = record(store, vec![named()]).await;
    assert_eq!(repeat, [Outcome::Deduplicated { id, status: Status::Fixed }]);
    assert_eq!(store.issue(id).await.expect("read").expect("an issue").issue.count, 1);
    let elsewhere =
        record(store, vec![received(1, 10, json!({"event_id": "e", "project_id": "other"}))]).await;
    assert!(matches!(elsewhere[..], [Outcome::Created { .. }]), "{elsewhere:?}");
}

/// A report for a fixed issue reopens it; the history says that the server did it.
pub async fn regressions_reopen<S: Store>(store: &S) {
    let id = issue(store, 1, 10).await;
    force(store, id, Status::Deployed, 20).await;
    assert_eq!(record(store, vec![received(1, 30, Value::Null)]).await, [Outcome::Regressed { id }]);
    let reopened = store.issue(id).await.expect("read").expect("an issue").issue;
    assert_eq!((reopened.status, reopened.regressions, reopened.revision.0), (Status::New, 1, 3));
    let history = store.history(id, None, 10).await.expect("read").expect("a history").items;
    let entries: Vec<&HistoryEntry> = history.iter().map(|(_, entry)| entry).collect();
    assert!(entries[0].is_regression() && !entries[1].is_regression(), "{entries:?}");
    // An issue fixed again is reopened again: nothing of the first fix is left.
    force(store, id, Status::Fixed, 40).await;
    assert_eq!(record(store, vec![received(1, 50, Value::Null)]).await, [Outcome::Regressed { id }]);
}

/// Under `new_release`, a release that had the error before the fix does not reopen the issue.
pub async fn releases_hold_a_regression_back<S: Store>(store: &S) {
    let of = |version: &str, millis| received(1, millis, json!({"version": version}));
    let id = record(store, vec![of("1.0", 10)]).await[0].id();
    let rule = ProjectEdit { regression_rule: Some(RegressionRule::NewRelease), ..ProjectEdit::default() };
    store.edit_project(shop(), rule, Editor::Administrator, at(15)).await.expect("edited");
    force(store, id, Status::Fixed, 20).await;
    let old = record(store, vec![of("1.0", 30)]).await;
    assert_eq!(old, [Outcome::Deduplicated { id, status: Status::Fixed }]);
    assert_eq!(record(store, vec![of("1.1", 40)]).await, [Outcome::Regressed { id }]);
}

/// A report creates its project, and sets its `repo_url` if that is empty.
pub async fn projects_come_with_reports<S: Store>(store: &S) {
    issue(store, 1, 10).await;
    let made = store.project(shop()).await.expect("read").expect("a project");
    assert_eq!((made.repo_url, made.created_at), (None, at(10)));
    for (millis, url) in [(20, "https://git/shop"), (30, "https://git/other")] {
        record(store, vec![received(1, millis, json!({"repo_url": url}))]).await;
        let filled = store.project(shop()).await.expect("read").expect("a project");
        assert_eq!((filled.repo_url.as_deref(), filled.updated_at), (Some("https://git/shop"), at(20)));
    }
    let cleared = ProjectEdit { repo_url: FieldEdit::Clear, ..ProjectEdit::default() };
    store.edit_project(shop(), cleared, Editor::Administrator, at(40)).await.expect("edited");
    record(store, vec![received(1, 50, json!({"repo_url": "https://git/new"}))]).await;
    let filled = store.project(shop()).await.expect("read").expect("a project");
    assert_eq!(filled.repo_url.as_deref(), Some("https://git/new"));
}

/// Ids start at 1, a duplicate does not use one up, and the id of a deleted issue is not reused.
pub async fn ids_are_small_and_never_used_again<S: Store>(store: &S) {
    assert_eq!(issue(store, 1, 10).await, IssueId(1));
    for _ in 0..5 {
        issue(store, 1, 10).await;
    }
    assert_eq!(issue(store, 2, 10).await, IssueId(2));
    assert!(store.delete_issue(IssueId(2), at(20)).await.expect("removed"));
    assert_eq!(issue(store, 2, 30).await, IssueId(3));
    let events = store.events(IssueId(3), None, 10).await.expect("read").expect("events").items;
    assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), [EventNumber(1)]);
}

/// A batch without reports has no outcomes.
pub async fn an_empty_batch_is_nothing<S: Store>(store: &S) {
    assert_eq!(record(store, Vec::new()).await, []);
    assert!(store.projects().await.expect("read").is_empty());
}
