//! The store used by whole-product tests, selected by `LOGCENTER_TEST_STORE`; so far only `sqlite`.

use logcenter_server::{Sqlite, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// An open store, with whatever has to live as long as it.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) file: PathBuf,
    folder: TempDir,
}

/// An empty store.
pub(crate) async fn open() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    match std::env::var("LOGCENTER_TEST_STORE").as_deref() {
        Err(_) | Ok("sqlite") => sqlite(folder),
        Ok(other) => panic!("LOGCENTER_TEST_STORE={other}: there is no such store; take sqlite"),
    }
}

fn sqlite(folder: TempDir) -> Opened {
    let file = folder.path().join("test.db");
    Opened { store: Arc::new(Sqlite::open(&file).unwrap()), file, folder }
}

impl Opened {
    /// The same store, reopened after a change to its file.
    pub(crate) async fn reopened_after(self, damage: impl FnOnce(&Path)) -> Self {
        let Self { store, file, folder } = self;
        drop(store);
        super::eventually("the file is free", || async { Sqlite::open(&file).ok().map(drop) }).await;
        damage(&file);
        sqlite(folder)
    }
}
