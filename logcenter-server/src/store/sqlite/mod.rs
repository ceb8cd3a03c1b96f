//! The store on one SQLite file: one thread writes, a few connections read.

mod change;
mod counts;
mod delete;
mod deploy;
mod events;
mod issue_row;
mod issues;
mod keys;
mod memory;
mod open;
mod overview;
mod projects;
mod reader;
mod record;
mod rows;
mod search;
mod stats;
mod sweep;
mod writer;

pub use open::OpenError;

use super::{Answer, Edited, Editor, Gather, Store, StoreError};
use crate::domain::{
    Change, Changed, Deployment, Event, HistoryEntry, IngestKey, Issue, IssueFilter, IssuePage, IssueStats,
    Outcome, Overview, Page, PeriodCount, Project, ProjectEdit, Stats,
};
use crate::secret::SecretHash;
use logcenter_core::{ProjectId, Timestamp};
use reader::Readers;
use rusqlite::Connection;
use std::path::Path;
use writer::Writer;

/// How long a client may take to send a report again, in milliseconds: 24 hours after its last repeat.
const EVENT_ID_MEMORY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A SQLite file, in WAL mode with `synchronous=FULL`: what was answered survives a power cut.
#[derive(Debug)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
}

/// Settings of a [`Sqlite`] store.
#[derive(Debug, Clone, Copy)]
pub struct SqliteOptions {
    /// How many of an issue's newest events are kept, at least 1; the first one is kept beside them.
    pub kept_events: u32,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { kept_events: 50 }
    }
}

impl Sqlite {
    /// Opens the file, or creates it, with the default settings.
    ///
    /// # Errors
    /// [`OpenError`]: not a database, of another program, of a later version, or in use by another process.
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
        Ok(Self {
            writer: Writer::start(opened.writer, opened.lock, kept_events)?,
            readers: Readers::new(opened.readers, kept_events),
        })
    }
}

impl Sqlite {
    /// As [`Readers::read`], after what the writer has not counted yet.
    fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, i64) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            // A full disk must not take the reading away: then what is in the file is a little behind.
            if let Err(StoreError::Failed(error)) = self.writer.settle().await {
                tracing::warn!(%error, "counts could not be written; what is read may be behind");
            }
            self.readers.read(query).await
        })
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Store for Sqlite {
    fn record(&self, gather: Gather) -> Answer<'_, Vec<Outcome>> {
        self.writer.run(move |session| record::record(session, &gather()))
    }

    fn projects(&self) -> Answer<'_, Vec<Project>> {
        self.read(|connection, _| projects::all(connection))
    }

    fn project(&self, project_id: ProjectId) -> Answer<'_, Option<Project>> {
        self.read(move |connection, _| projects::one(connection, &project_id))
    }

    fn edit_project(
        &self,
        project_id: ProjectId,
        edit: ProjectEdit,
        editor: Editor,
        now: Timestamp,
    ) -> Answer<'_, Edited> {
        self.writer.write(move |session| projects::edit(session, &project_id, edit, editor, now))
    }

    fn delete_project(&self, project_id: ProjectId) -> Answer<'_, bool> {
        self.writer.write(move |session| delete::project(session, &project_id))
    }

    fn keys(&self) -> Answer<'_, Vec<(SecretHash, IngestKey)>> {
        self.read(|connection, _| keys::all(connection))
    }

    fn add_key(
        &self,
        project_id: ProjectId,
        hash: SecretHash,
        hint: String,
        now: Timestamp,
    ) -> Answer<'_, Option<IngestKey>> {
        self.writer.write(move |session| keys::add(session, &project_id, hash, &hint, now))
    }

    fn delete_keys(&self, project_id: ProjectId, id: Option<i64>) -> Answer<'_, usize> {
        self.writer.write(move |session| keys::delete(session, &project_id, id))
    }

    fn issues(&self, filter: IssueFilter, page: IssuePage) -> Answer<'_, Page<Issue>> {
        self.read(move |connection, _| issues::page(connection, &filter, page))
    }

    fn issue(&self, id: i64) -> Answer<'_, Option<Issue>> {
        self.read(move |connection, _| issues::one(connection, id))
    }

    fn events(&self, id: i64, before: Option<i64>, limit: u32) -> Answer<'_, Option<Page<Event>>> {
        self.read(move |connection, kept| events::page(connection, id, before, limit, kept))
    }

    fn history(
        &self,
        id: i64,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<'_, Option<Page<(i64, HistoryEntry)>>> {
        self.read(move |connection, _| change::history(connection, id, before, limit))
    }

    fn issue_stats(&self, id: i64, since: Timestamp) -> Answer<'_, Option<IssueStats>> {
        self.read(move |connection, _| stats::of_issue(connection, id, since))
    }

    fn issue_hours(&self, ids: Vec<i64>, since: Timestamp) -> Answer<'_, Vec<(i64, PeriodCount)>> {
        self.read(move |connection, _| stats::of_issues(connection, &ids, since))
    }

    fn change_status(&self, id: i64, change: Change, now: Timestamp) -> Answer<'_, Changed> {
        self.writer.write(move |session| change::change(session, id, &change, now))
    }

    fn delete_issue(&self, id: i64) -> Answer<'_, bool> {
        self.writer.write(move |session| delete::issue(session, id))
    }

    fn deploy(&self, deployment: Deployment, now: Timestamp) -> Answer<'_, Vec<i64>> {
        self.writer.write(move |session| deploy::deploy(session, &deployment, now))
    }

    fn stats(&self, now: Timestamp) -> Answer<'_, Stats> {
        self.read(move |connection, _| stats::totals(connection, now))
    }

    fn overview(&self, now: Timestamp, since: Timestamp) -> Answer<'_, Overview> {
        self.read(move |connection, _| overview::overview(connection, now, since))
    }

    fn forget(&self, now: Timestamp) -> Answer<'_, bool> {
        self.writer.write(move |session| {
            delete::expired_event_ids(session, now.minus_millis(EVENT_ID_MEMORY_MILLIS))
        })
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.writer.run(|session| Ok(session.transaction.query_row("SELECT 1", [], |_| Ok(()))?))
    }

    fn close(&self) -> Answer<'_, ()> {
        self.readers.close();
        self.writer.close()
    }
}
