//! What every store guarantees, tested on SQLite.

use logcenter_server::Sqlite;
use tempfile::TempDir;

async fn open() -> (Sqlite, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Sqlite::open(folder.path().join("conformance.db")).unwrap(), folder)
}

logcenter_server::store_conformance!(super::open());
