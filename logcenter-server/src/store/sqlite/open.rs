//! Opens the file, and checks that it is ours, which version it has, and that no other process uses it.

use rusqlite::{Connection, OpenFlags};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// `LogC`: marks a file as Log Center's in its header.
const APPLICATION_ID: i64 = 0x4C6F_6743;

/// In order; the file's `user_version` is the number of migrations applied.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../../migrations/sqlite/0002_search.sql"),
    include_str!("../../../migrations/sqlite/0003_outbox.sql"),
    include_str!("../../../migrations/sqlite/0004_repairs.sql"),
    include_str!("../../../migrations/sqlite/0005_fewer_merges.sql"),
    include_str!("../../../migrations/sqlite/0006_tokens.sql"),
    include_str!("../../../migrations/sqlite/0007_repair.sql"),
    include_str!("../../../migrations/sqlite/0008_key_kind.sql"),
    include_str!("../../../migrations/sqlite/0009_base_branch.sql"),
    include_str!("../../../migrations/sqlite/0010_pings.sql"),
    include_str!("../../../migrations/sqlite/0011_deployments.sql"),
];

/// Number of read connections.
const READERS: usize = 2;

/// SQLite 3.51.3, the first version without a bug that could damage a database in WAL mode
/// (sqlite.org/wal.html#walresetbug).
const SOUND_SQLITE: i32 = 3_051_003;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its folder or its lock file cannot be created.
    #[error("cannot create {path}: {source}")]
    Create {
        /// What could not be created.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Another process has it open.
    #[error("{0} is in use by another Log Center; stop that one, or give this one another --database")]
    InUse(PathBuf),
    /// It belongs to another program.
    #[error("{0} is a database of another program; give another --database")]
    Foreign(PathBuf),
    /// It was written by a later version.
    #[error(
        "{path} was written by a later Log Center (schema {found}, this one knows {known}); run that version"
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: usize,
        /// The newest schema version known here.
        known: usize,
    },
    /// SQLite rejected it.
    #[error("cannot open {path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// The writer thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

pub(super) struct Opened {
    pub(super) writer: Connection,
    pub(super) readers: Vec<Connection>,
    pub(super) lock: File,
}

pub(super) fn open(path: &Path) -> Result<Opened, OpenError> {
    let failed = |source| OpenError::Sqlite { path: path.into(), source };
    let lock = lock(path)?;
    if rusqlite::version_number() < SOUND_SQLITE {
        tracing::warn!(
            version = rusqlite::version(),
            "SQLite before 3.51.3 can damage databases in WAL mode: upgrade"
        );
    }
    let mut writer = Connection::open(path).map_err(failed)?;
    identify(&writer, path)?;
    configure(&writer, 4 * 1024).map_err(failed)?;
    migrate(&mut writer).map_err(failed)?;
    let readers = (0..READERS).map(|_| {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(path, flags)?;
        configure(&reader, 1024)?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(reader)
    });
    let readers = readers.collect::<Result<_, _>>().map_err(failed)?;
    Ok(Opened { writer, readers, lock })
}

/// A single connection, which nobody else has beside it, and the lock that sees to that.
#[cfg(feature = "postgres")]
pub(in crate::store) fn alone(path: &Path) -> Result<(Connection, File), OpenError> {
    let Opened { writer, lock, .. } = open(path)?;
    Ok((writer, lock))
}

/// Locks `<file>.lock` for as long as the handle lives: the writer caches counters that a second process would break.
fn lock(path: &Path) -> Result<File, OpenError> {
    let create = |path: &Path, result: std::io::Result<()>| {
        result.map_err(|source| OpenError::Create { path: path.into(), source })
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create(folder, std::fs::create_dir_all(folder))?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path);
    let file = file.map_err(|source| OpenError::Create { path: lock_path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.into())),
        Err(TryLockError::Error(source)) => Err(OpenError::Create { path: lock_path, source }),
    }
}

/// Checks that a file is Log Center's, and that its version is known.
pub(in crate::store) fn identify(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Sqlite { path: path.into(), source };
    let number =
        |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_err(failed);
    let tables = "SELECT count(*) FROM sqlite_schema";
    let empty = connection.query_row(tables, [], |row| Ok(row.get::<_, i64>(0)? == 0)).map_err(failed)?;
    if !empty && number("application_id")? != APPLICATION_ID {
        return Err(OpenError::Foreign(path.into()));
    }
    let found = usize::try_from(number("user_version")?).unwrap_or(usize::MAX);
    if !empty && found > MIGRATIONS.len() {
        return Err(OpenError::TooNew { path: path.into(), found, known: MIGRATIONS.len() });
    }
    Ok(())
}

fn configure(connection: &Connection, cache_kib: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    connection.pragma_update(None, "busy_timeout", 5000)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let done: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (version, migration) in (1_u32..).zip(MIGRATIONS).skip(done as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.commit()?;
    }
    Ok(())
}
