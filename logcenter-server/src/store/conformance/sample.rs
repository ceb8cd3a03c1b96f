//! Reports and steps shared by the cases.

use crate::domain::{
    Actor, Change, Issue, IssueFilter, IssueId, Outcome, Override, PageRequest, ReceivedReport, Sort,
};
use crate::store::{Batch, BatchId, ChangeOutcome, Store};
use logcenter_core::{ProjectId, Report, Status, Timestamp};
use serde_json::{Value, json};

pub(super) const HOUR: i64 = 3_600_000;

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn shop() -> ProjectId {
    "shop".parse().expect("a project")
}

/// A report received at `millis`, with a different issue for each line. `fields` replaces members of its JSON.
pub(super) fn received(line: u64, millis: i64, fields: Value) -> ReceivedReport {
    let mut json = json!({
        "project_id": "shop", "environment": "production", "level": "ERROR",
        "error": {"type": "ValueError", "message": format!("wrong at {line}"), "file_path": "shop/cart.py",
                  "line_number": line, "stack_trace": ["Traceback", format!("line {line}")]},
    });
    if let Value::Object(fields) = fields {
        for (key, value) in fields {
            json[key] = value;
        }
    }
    let report = Report::from_json(json.to_string().as_bytes()).expect("a valid report");
    ReceivedReport { report, received_at: at(millis), trusted: false }
}

/// Records a batch under a unique id.
pub(super) async fn record<S: Store>(store: &S, batch: Vec<ReceivedReport>) -> Vec<Outcome> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = BatchId(NEXT.fetch_add(1, Ordering::Relaxed).into());
    store.record(id, Batch::from(batch).only()).await.expect("recorded")
}

/// Records a plain report and returns its issue.
pub(super) async fn issue<S: Store>(store: &S, line: u64, millis: i64) -> IssueId {
    record(store, vec![received(line, millis, Value::Null)]).await[0].id()
}

pub(super) fn change(to: Status) -> Change {
    Change { overriding: Override::Force, ..Change::to(to, Actor::person(None)) }
}

/// Sets an issue's status, skipping the transition rules.
pub(super) async fn force<S: Store>(store: &S, id: IssueId, to: Status, millis: i64) {
    let outcome = store.change_status(id, change(to), None, at(millis)).await.expect("changed");
    assert!(matches!(outcome, ChangeOutcome::Changed(_)), "{outcome:?}");
}

pub(super) async fn list<S: Store>(store: &S, filter: IssueFilter, sort: Sort) -> Vec<Issue> {
    store.issues(filter, PageRequest { sort, limit: 200, after: None }).await.expect("a page").items
}

pub(super) fn ids(issues: &[Issue]) -> Vec<i64> {
    issues.iter().map(|issue| issue.id.0).collect()
}
