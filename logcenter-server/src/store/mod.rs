//! Where issues are kept. A store's methods are steps of the domain; no SQL, row, connection or transaction leaves it.

pub mod sqlite;

pub use sqlite::Sqlite;

use crate::domain::{
    Arrival, Change, Changed, Deployment, Event, HistoryEntry, IngestKey, Issue, IssueFilter, IssuePage,
    IssueStats, Outcome, Overview, Page, PeriodCount, Project, ProjectEdit, Stats,
};
use crate::secret::SecretHash;
use logcenter_core::{ProjectId, Timestamp};
use std::pin::Pin;

/// What a store's methods give.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Gives the reports of a batch.
pub type Gather = Box<dyn FnOnce() -> Vec<Arrival> + Send>;

/// The store could not do it. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// It was closed.
    #[error("the store is closed")]
    Closed,
    /// It failed: disk full, file damaged, connection lost. The text is for the operator's log, never for a client.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Who edits a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editor {
    /// May only create a project, fill what is empty, and repeat what is there.
    Registrant,
    /// May do everything.
    Administrator,
}

/// What came of an edit of a project.
#[derive(Debug)]
pub enum Edited {
    /// It was made.
    Done(Box<Project>),
    /// These fields hold something else, which a [`Editor::Registrant`] may not overwrite.
    Refused(Vec<&'static str>),
    /// It was changed since the editor saw it, and is now this.
    Stale(Box<Project>),
}

/// Everything that the server asks of its database. Times come as parameters. Every method is one transaction.
pub trait Store: Send + Sync + 'static {
    /// Records reports and says what became of each, in order. When it answers, they are durable. `gather` is asked for
    /// the reports when the store is ready to write them, so that a batch is as large as it can be.
    fn record(&self, gather: Gather) -> Answer<'_, Vec<Outcome>>;

    /// Every project, by id.
    fn projects(&self) -> Answer<'_, Vec<Project>>;
    /// One project.
    fn project(&self, project_id: ProjectId) -> Answer<'_, Option<Project>>;
    /// Creates or edits a project.
    fn edit_project(
        &self,
        project_id: ProjectId,
        edit: ProjectEdit,
        editor: Editor,
        now: Timestamp,
    ) -> Answer<'_, Edited>;
    /// Removes a project with all that belongs to it; whether there was one.
    fn delete_project(&self, project_id: ProjectId) -> Answer<'_, bool>;

    /// Every ingest key with its hash.
    fn keys(&self) -> Answer<'_, Vec<(SecretHash, IngestKey)>>;
    /// Keeps a new key. `None` when there is no such project.
    fn add_key(
        &self,
        project_id: ProjectId,
        hash: SecretHash,
        hint: String,
        now: Timestamp,
    ) -> Answer<'_, Option<IngestKey>>;
    /// Removes one key of a project, or all; how many.
    fn delete_keys(&self, project_id: ProjectId, id: Option<i64>) -> Answer<'_, usize>;

    /// A page of issues, without stack and context.
    fn issues(&self, filter: IssueFilter, page: IssuePage) -> Answer<'_, Page<Issue>>;
    /// One issue, whole.
    fn issue(&self, id: i64) -> Answer<'_, Option<Issue>>;
    /// The kept events of an issue before number `before`, newest first. `None` when there is no such issue.
    fn events(&self, id: i64, before: Option<i64>, limit: u32) -> Answer<'_, Option<Page<Event>>>;
    /// Its status changes before `before`, newest first, each with its number. `None` when there is no such issue.
    fn history(
        &self,
        id: i64,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<'_, Option<Page<(i64, HistoryEntry)>>>;
    /// How its errors spread, hours since `since`. `None` when there is no such issue.
    fn issue_stats(&self, id: i64, since: Timestamp) -> Answer<'_, Option<IssueStats>>;
    /// The errors of some issues by hour since `since`, in the order of the issues' numbers and the hours.
    fn issue_hours(&self, ids: Vec<i64>, since: Timestamp) -> Answer<'_, Vec<(i64, PeriodCount)>>;
    /// Changes its status, compare-and-swap.
    fn change_status(&self, id: i64, change: Change, now: Timestamp) -> Answer<'_, Changed>;
    /// Removes an issue with all that belongs to it; whether there was one.
    fn delete_issue(&self, id: i64) -> Answer<'_, bool>;

    /// Moves on what a deployment brought; the issues it moved.
    fn deploy(&self, deployment: Deployment, now: Timestamp) -> Answer<'_, Vec<i64>>;
    /// Totals.
    fn stats(&self, now: Timestamp) -> Answer<'_, Stats>;

    /// How it stands now, with the hours since `since`.
    fn overview(&self, now: Timestamp, since: Timestamp) -> Answer<'_, Overview>;

    /// Forgets what is kept for a time only; whether more is left to forget.
    fn forget(&self, now: Timestamp) -> Answer<'_, bool>;
    /// Whether it answers.
    fn ping(&self) -> Answer<'_, ()>;
    /// Finishes what was begun and closes. Later calls give [`StoreError::Closed`].
    fn close(&self) -> Answer<'_, ()>;
}
