//! Replicas of one version on the schema of the next.

use super::sample::{batch, claim, deployed, received};
use crate::harness::postgres::{Database, psql_in};
use logcenter_core::Timestamp;
use logcenter_server::Postgres;
use logcenter_server::domain::{IssueFilter, IssueId, PageRequest, Sort};
use logcenter_server::store::{BatchId, Issues, Projects, Repairs, Reports};
use serde_json::json;

/// What a migration may do while replicas of the version before go on.
pub(crate) const ADDS: &str = "BEGIN;
    LOCK TABLE schema_version IN EXCLUSIVE MODE;
    ALTER TABLE issues ADD COLUMN next_version TEXT NOT NULL DEFAULT 'unknown';
    ALTER TABLE events ADD COLUMN next_version TEXT;
    ALTER TABLE projects ADD COLUMN next_version BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE attempts ADD COLUMN next_version BIGINT;
    ALTER TABLE history ADD COLUMN next_version BIGINT;
    CREATE TABLE next_version (issue_id BIGINT PRIMARY KEY REFERENCES issues ON DELETE CASCADE);
    UPDATE schema_version SET version = version + 1;
    COMMIT";

/// Does everything once. How often the issue was counted before the end.
async fn use_all(store: &Postgres, id: u128) -> i64 {
    let report = batch(vec![received(2, json!({}))]);
    let outcomes = store.record(BatchId(id), report.only()).await.unwrap();
    assert_eq!(outcomes[0].id(), IssueId(1));
    let claimed = store.claim(claim("secret"), Timestamp::from_millis(2000)).await.unwrap();
    assert_eq!(claimed.unwrap().issue.issue.id, IssueId(1));
    deployed(store, IssueId(1)).await;
    let report = batch(vec![received(2, json!({"timestamp": "2030-01-01T00:00:00Z"}))]);
    store.record(BatchId(id + 1), report.only()).await.unwrap();
    store.projects().await.unwrap();
    assert_eq!(store.events(IssueId(1), None, 200).await.unwrap().unwrap().items.len() % 2, 0);
    let page = PageRequest { sort: Sort::LastSeen, limit: 200, after: None };
    store.issues(IssueFilter::default(), page).await.unwrap().items[0].count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_goes_on_and_starts_on_a_schema_that_has_more() {
    let database = Database::create().await;
    let before = Postgres::connect(&database.address()).await.unwrap();
    assert_eq!(use_all(&before, 1).await, 2);
    psql_in(&database.name, ADDS);
    assert_eq!(use_all(&before, 3).await, 4);
    let after = Postgres::connect(&database.address()).await.unwrap();
    assert_eq!(use_all(&after, 5).await, 6);
    let version = psql_in(&database.name, "SELECT version, needs FROM schema_version");
    assert_eq!(version.trim(), "3|1", "who knows less leaves it as it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_needs_a_later_version_is_refused() {
    let database = Database::create().await;
    Postgres::connect(&database.address()).await.unwrap();
    psql_in(&database.name, "UPDATE schema_version SET version = 4, needs = 3");
    let refused = Postgres::connect(&database.address()).await.err().unwrap().to_string();
    assert!(refused.contains("written by a later Log Center (schema 3, this one knows 2)"), "{refused}");
}
