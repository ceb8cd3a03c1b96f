//! Both schemas have the same columns, by the same names, but for how each store works inside.

use crate::harness::postgres::{Database, psql_in};
use logcenter_server::Sqlite;
use std::collections::BTreeSet;

/// Columns of the file alone: the order of events, and what is written later than the rest.
const SQLITE: &[&str] = &[
    "counted_up_to.event",
    "deleted_issues.highest_id",
    "events.id",
    "events.payload_event",
    "events.previous",
    "indexed_up_to.event",
    "ingest_keys_generation.generation",
    "issues.first_event",
    "issues.last_event",
    "issues.payload_event",
    "tokens_generation.generation",
    "unindexed_issues.from_id",
];

/// Columns of PostgreSQL alone: what replicas agree by, and what lists are sorted by.
const POSTGRES: &[&str] = &[
    "batches.id",
    "batches.outcomes",
    "batches.recorded_at",
    "events.payload_number",
    "feed.position",
    "feed.wanted_until",
    "generations.generation",
    "generations.name",
    "issue_counts.issues",
    "issue_counts.project_id",
    "issue_counts.source",
    "issue_counts.status",
    "issue_texts.issue_id",
    "issue_texts.text",
    "issues.count_step",
    "issues.environments",
    "issues.last_seen_step",
    "jobs.name",
    "jobs.replica",
    "jobs.until",
    "next_issue.id",
    "project_hours.shard",
    "schema_version.needs",
    "schema_version.version",
];

fn sqlite() -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schema.db");
    drop(Sqlite::open(&path).unwrap());
    let database = rusqlite::Connection::open(path).unwrap();
    let mut select = database
        .prepare(
            "SELECT t.name || '.' || c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
             WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
        )
        .unwrap();
    select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn columns_have_the_same_names_in_both() {
    let database = Database::create().await;
    let printed = psql_in(
        &database.name,
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'",
    );
    let postgres: BTreeSet<String> = printed.lines().map(str::to_owned).collect();
    let sqlite = sqlite();
    assert!(sqlite.contains("issues.fingerprint") && postgres.contains("issues.fingerprint"));
    assert_eq!(sqlite.difference(&postgres).collect::<Vec<_>>(), SQLITE);
    assert_eq!(postgres.difference(&sqlite).collect::<Vec<_>>(), POSTGRES);
}
