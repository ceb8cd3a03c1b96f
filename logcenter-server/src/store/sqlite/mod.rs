//! A store on a single SQLite file: one thread writes, a few connections read.

mod aging;
mod attempts;
mod cache;
mod counts;
mod delete;
mod deployments;
mod detail;
mod events;
mod failed_checks;
mod generation;
mod history;
mod issue_row;
mod issues;
mod keys;
mod known;
mod listing;
mod open;
mod outbox;
mod projects;
mod readers;
mod repair_queue;
mod repair_row;
mod repairs;
mod reports;
mod retention;
mod rows;
mod search;
mod session;
mod sessions;
mod statistics;
mod tokens;
mod upkeep;
mod writer;

pub use open::OpenError;
#[cfg(feature = "postgres")]
pub(super) use open::{alone, identify};
#[cfg(feature = "postgres")]
pub(super) use search::index;

use super::{StoreError, StoreFuture};
use readers::Readers;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use writer::Writer;

/// A SQLite file in WAL mode with `synchronous=FULL`: what was acknowledged survives a power cut.
#[derive(Debug)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
    /// Issue events are wanted until this time, in milliseconds.
    wanted_until: Arc<AtomicI64>,
}

/// Settings of a [`Sqlite`] store.
#[derive(Debug, Clone, Copy)]
pub struct SqliteOptions {
    /// How many of an issue's newest events are kept, at least 1; the first one is kept in addition.
    pub kept_events: u32,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { kept_events: 50 }
    }
}

impl Sqlite {
    /// Opens the file with the default settings, or creates it.
    ///
    /// # Errors
    /// [`OpenError`] if the file is not a database, belongs to another program, was written by a later version, or is
    /// in use by another process.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, SqliteOptions::default())
    }

    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, OpenError> {
        let opened = open::open(path.as_ref())?;
        let kept_events = i64::from(options.kept_events.max(1));
        let wanted_until = Arc::new(AtomicI64::new(0));
        Ok(Self {
            writer: Writer::start(opened.writer, opened.lock, kept_events, Arc::clone(&wanted_until))?,
            readers: Readers::new(opened.readers, kept_events),
            wanted_until,
        })
    }

    /// Runs a query after everything that was acknowledged has been written to the file.
    fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, i64) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move {
            // A full disk must not prevent reading: then the file is a little behind.
            if let Err(error) = self.writer.flush().await
                && error != StoreError::Closed
            {
                tracing::warn!(%error, "counts could not be written; what is read may be behind");
            }
            self.readers.read(query).await
        })
    }

    /// Runs a query on the file as it is: for data that is never written behind.
    fn peek<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        self.readers.read(|connection, _| query(connection))
    }
}
