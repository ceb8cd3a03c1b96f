//! Database files of earlier versions.

use crate::harness::{Process, report};
use rusqlite::Connection;
use std::path::Path;

/// The schema of the first version, with data it recorded.
fn first_version(path: &Path) {
    let database = Connection::open(path).unwrap();
    database.pragma_update(None, "journal_mode", "WAL").unwrap();
    let schema = include_str!("../../../logcenter-server/migrations/sqlite/0001_initial.sql");
    database.execute_batch(schema).unwrap();
    let rows = "
        INSERT INTO projects VALUES ('rtc_backend', 'RTC', '', NULL, '', 'any', 1, 1);
        INSERT INTO issues VALUES (1, x'37b3fb9d32c5a9a6e4a2a2c6d3c8e1f0', 'rtc_backend', 'runtime', 'NEW', 3, 1, 1, 1,
          1767323045000, 1767323045000, 'ERROR', 'production', NULL, NULL, 'ValueError', 'wrong at 1',
          'apps/users/views.py', 1, 0, NULL, NULL, NULL, 1, 1, 1, 1, 5);
        INSERT INTO events (id, issue_id, number, at, received_at, count, truncated, repaired, environment, level,
          error_type, message, file_path, line_number, trusted)
          VALUES (1, 1, 1, 1767323045000, 1767323045000, 1, 0, 0, 'production', 'ERROR', 'ValueError', 'wrong at 1',
          'apps/users/views.py', 1, 0);
        INSERT INTO issue_hours VALUES (1, 'production', 1767322800000, 1, 1767323045000);
        INSERT INTO project_hours VALUES (1767322800000, 'rtc_backend', 'runtime', 1);
        INSERT INTO history (issue_id, \"from\", \"to\", actor, note, at, forced) VALUES
          (1, 'NEW', 'FIXED', 'Ada', 'done', 1, 1), (1, 'FIXED', 'NEW', 'server', 'Regression detected', 2, 0);
        UPDATE settled_events SET last_id = 1;
        PRAGMA user_version = 1; PRAGMA application_id = 1282369347;";
    database.execute_batch(rows).unwrap();
}

#[tokio::test]
async fn a_file_of_the_first_version_is_read_searched_and_written() {
    let folder = tempfile::tempdir().unwrap();
    first_version(&folder.path().join("logcenter.db"));
    let server = Process::start(folder.path());
    for query in ["q=wrong+at+1", "environment=production"] {
        assert_eq!(server.issues(query).await[0]["id"], 1, "{query}");
    }
    let project = server.get("/api/v1/projects/rtc_backend").await.ok();
    assert!(project["repo_url"].is_null() && project["description"].is_null(), "{project}");
    let history = server.get("/api/v1/issues/1/history").await.ok();
    assert_eq!(history["history"].as_array().unwrap().len(), 2);
    let events = server.get("/api/v1/issues/1/events").await.ok();
    assert_eq!(events["events"][0]["error"]["message"], "wrong at 1");
    server.report(&report(2)).await.ok();
    server.kill();
    let server = Process::start(folder.path());
    assert_eq!(server.issues("q=wrong+at+2").await.len(), 1);
    // The author's role is known for old entries too.
    drop(server);
    let database = Connection::open(folder.path().join("logcenter.db")).unwrap();
    let roles = "SELECT group_concat(role) FROM (SELECT role FROM history ORDER BY id)";
    assert_eq!(database.query_row(roles, [], |row| row.get::<_, String>(0)).unwrap(), "person,server");
}
