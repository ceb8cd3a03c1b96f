//! Which files can be opened.

use logcenter_server::Sqlite;
use tempfile::tempdir;

#[tokio::test]
async fn a_database_of_another_program_or_a_later_version_is_left_alone() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE mine (x)").unwrap();
    let error = Sqlite::open(&path).unwrap_err().to_string();
    assert!(error.contains("another program"), "{error}");
    let path = folder.path().join("later.db");
    drop(Sqlite::open(&path).unwrap());
    let later = rusqlite::Connection::open(&path).unwrap();
    later.pragma_update(None, "user_version", 99).unwrap();
    crate::harness::eventually("the first one has let go", || async {
        let error = Sqlite::open(&path).unwrap_err().to_string();
        error.contains("later Log Center").then_some(())
    })
    .await;
    std::fs::write(
        folder.path().join("text.db"),
        "this is no database, but long enough to look like one. ".repeat(99),
    )
    .unwrap();
    assert!(Sqlite::open(folder.path().join("text.db")).is_err());
}
