//! Moves everything that a database holds into another one, of either kind: to change the store, to back up and to restore.
//!
//! Rows are read in the order of their keys and written some thousands at a time, each time with a note of how far that was,
//! so that a copy which was interrupted goes on where it stopped. Nobody may use either database meanwhile.

mod check;
mod error;
mod file;
mod rules;
mod server;
mod table;
mod value;

pub use check::check;
pub use error::TransferError;
pub use rules::Finding;

use file::File;
use server::Server;
use std::fmt;
use std::path::{Path, PathBuf};
use table::{TABLES, Table};
use value::Row;

/// Rows that are read and written at a time.
const ROWS: usize = 5000;

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    File(PathBuf),
    /// The address of a PostgreSQL database.
    Postgres(String),
}

impl Location {
    /// Reads what `--database` takes: a path, or `postgres://…`. Returns `None` for any other scheme.
    ///
    /// ```
    /// use logcenter_server::store::transfer::Location;
    ///
    /// assert_eq!(Location::read("logcenter.db"), Some(Location::File("logcenter.db".into())));
    /// assert!(matches!(Location::read("postgres://host/logcenter"), Some(Location::Postgres(_))));
    /// assert_eq!(Location::read("mysql://host/logcenter"), None);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match text.split_once("://") {
            None => Some(Self::File(text.into())),
            Some(("postgres" | "postgresql", _)) => Some(Self::Postgres(text.into())),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Location {
    /// For people's eyes: without user, password and parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(address) => {
                let rest = address.split_once("://").map_or("", |(_, rest)| rest);
                let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                write!(f, "postgres://{}", rest.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The table that is being copied.
    pub table: &'static str,
    /// Rows of it that are copied.
    pub rows: u64,
    /// Rows of it that there are.
    pub of: u64,
}

/// Copies a database into one that is empty, or that an earlier copy of the same one has begun to fill. The target can be used
/// once this returns; until then a server refuses it. Afterwards, as many rows were found in each table of both.
///
/// SQLite files are read and written on the calling thread.
///
/// # Errors
/// [`TransferError`] if either cannot be used, or the target holds something else.
pub async fn copy(
    from: &Location,
    to: &Location,
    watch: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), TransferError> {
    let name = from.to_string();
    match (from, to) {
        (_, Location::File(path)) if path.exists() => Err(TransferError::NotEmpty(to.to_string())),
        (Location::File(from), Location::File(to)) => {
            let partial = with_ending(to, ".partial");
            file::removed(&partial)?;
            file::snapshot(from, &partial)?;
            file::renamed(&partial, to)
        }
        (Location::Postgres(_), Location::File(path)) => {
            let mut source = End::source(from).await?;
            let partial = with_ending(path, ".partial");
            let mut target = End::File(Box::new(File::target(&partial, &name)?));
            copied(&mut source, &mut target, watch).await?;
            drop(target);
            file::renamed(&partial, path)
        }
        (_, Location::Postgres(address)) => {
            let mut source = End::source(from).await?;
            let mut target = End::Server(Box::new(Server::target(address, &name).await?));
            copied(&mut source, &mut target, watch).await
        }
    }
}

/// Writes everything into one SQLite file, as it was at one moment. The server may go on. `to` exists when all of it is on disk.
///
/// # Errors
/// [`TransferError`] if `from` cannot be read, or `to` exists or cannot be written.
pub async fn back_up(
    from: &Location,
    to: &Path,
    watch: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), TransferError> {
    // What an earlier moment left is of no use.
    file::removed(&with_ending(to, ".partial"))?;
    copy(from, &Location::File(to.into()), watch).await
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// One side of a copy.
enum End {
    File(Box<File>),
    Server(Box<Server>),
}

impl End {
    async fn source(location: &Location) -> Result<Self, TransferError> {
        Ok(match location {
            Location::File(path) => Self::File(Box::new(File::source(path).await?)),
            Location::Postgres(address) => Self::Server(Box::new(Server::source(address).await?)),
        })
    }

    /// The next rows of a table, after the one with this key; each begins with its key.
    async fn read(&mut self, table: &Table, after: Option<&Row>) -> Result<Vec<Row>, TransferError> {
        match self {
            Self::File(file) => file.read(table, after),
            Self::Server(server) => server.read(table, after).await,
        }
    }

    async fn count(&mut self, table: &Table) -> Result<u64, TransferError> {
        match self {
            Self::File(file) => file.count(table),
            Self::Server(server) => server.count(table).await,
        }
    }

    /// How many rows of a table were written, and the key of the last one.
    async fn begun(&mut self, table: &Table) -> Result<(u64, Option<Row>), TransferError> {
        match self {
            Self::File(file) => file.begun(table),
            Self::Server(server) => server.begun(table).await,
        }
    }

    /// Writes rows, without their keys, and notes how far that was.
    async fn write(
        &mut self,
        table: &'static Table,
        rows: Vec<Row>,
        written: u64,
        last: &Row,
    ) -> Result<(), TransferError> {
        match self {
            Self::File(file) => file.write(table, &rows, written, last),
            Self::Server(server) => server.write(table, rows, written, last).await,
        }
    }

    /// The highest id that was ever given in a table.
    async fn highest_id(&mut self, table: &str) -> Result<i64, TransferError> {
        match self {
            Self::File(file) => file.highest_id(table),
            Self::Server(server) => server.highest_id(table).await,
        }
    }

    /// Completes what is not copied row by row. `highest` are the highest ids of the source.
    async fn finish(&mut self, highest: &[(&'static str, i64)]) -> Result<(), TransferError> {
        match self {
            Self::File(file) => file.finish(highest),
            Self::Server(server) => server.finish(highest).await,
        }
    }
}

/// Tables whose ids are never given twice.
const WITH_IDS: [&str; 6] = ["issues", "ingest_keys", "history", "tokens", "attempts", "deployments"];

async fn copied(
    source: &mut End,
    target: &mut End,
    watch: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), TransferError> {
    let is_from_file = matches!(source, End::File(_));
    for table in TABLES {
        let of = source.count(table).await?;
        let (mut rows, mut after) = target.begun(table).await?;
        loop {
            watch(Progress { table: table.name, rows, of });
            let mut next = source.read(table, after.as_ref()).await?;
            let keys = table.keys(is_from_file).len();
            let Some(last) = next.last().map(|row| row[..keys].to_vec()) else { break };
            for row in &mut next {
                row.drain(..keys);
            }
            rows += next.len() as u64;
            target.write(table, next, rows, &last).await?;
            after = Some(last);
        }
        let found = target.count(table).await?;
        if found != of {
            return Err(TransferError::Different { table: table.name, expected: of, found });
        }
    }
    let mut highest = Vec::new();
    for table in WITH_IDS {
        highest.push((table, source.highest_id(table).await?));
    }
    target.finish(&highest).await
}
