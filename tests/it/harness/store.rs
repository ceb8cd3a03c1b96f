//! The store used by whole-product tests, selected by `LOGCENTER_TEST_STORE`: `sqlite` or `postgres`.

use super::postgres::Database;
use logcenter_server::{Postgres, Sqlite, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Which store the tests use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn of_this_run() -> Self {
        match std::env::var("LOGCENTER_TEST_STORE").as_deref() {
            Err(_) | Ok("sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok(other) => {
                panic!("LOGCENTER_TEST_STORE={other}: there is no such store; take sqlite or postgres")
            }
        }
    }
}

/// An open store, with whatever has to live as long as it.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) file: PathBuf,
    folder: TempDir,
    _database: Option<Database>,
}

/// An empty store.
pub(crate) async fn open() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    match Kind::of_this_run() {
        Kind::Sqlite => sqlite(folder),
        Kind::Postgres => {
            let database = Database::create().await;
            let store = Postgres::connect(&database.address()).await.unwrap();
            let file = folder.path().join("none");
            Opened { store: Arc::new(store), file, folder, _database: Some(database) }
        }
    }
}

fn sqlite(folder: TempDir) -> Opened {
    let file = folder.path().join("test.db");
    Opened { store: Arc::new(Sqlite::open(&file).unwrap()), file, folder, _database: None }
}

impl Opened {
    /// The same store, reopened after a change to its file.
    pub(crate) async fn reopened_after(self, damage: impl FnOnce(&Path)) -> Self {
        let Self { store, file, folder, .. } = self;
        drop(store);
        super::eventually("the file is free", || async { Sqlite::open(&file).ok().map(drop) }).await;
        damage(&file);
        sqlite(folder)
    }
}
