//! The store that whole-product tests run on. `LOGCENTER_TEST_STORE` chooses it; so far there is `sqlite`.

use logcenter_server::{Sqlite, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// An open store, with what has to live as long as it.
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
    /// The same store, after something was done to its file.
    pub(crate) async fn reopened_after(self, damage: impl FnOnce(&Path)) -> Self {
        let Self { store, file, folder } = self;
        drop(store);
        super::eventually("the file is free", || async { Sqlite::open(&file).ok().map(drop) }).await;
        damage(&file);
        sqlite(folder)
    }
}
