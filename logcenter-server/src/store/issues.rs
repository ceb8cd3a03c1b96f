//! Issues: reading, changing and deleting them.

use super::StoreFuture;
use crate::domain::repair::{LeaseProof, LeaseRefused};
use crate::domain::{
    Change, Event, EventNumber, HistoryEntry, HistoryId, Issue, IssueDetail, IssueFilter, IssueId, Page,
    PageRequest,
};
use logcenter_core::{ProjectId, Status, Timestamp};

/// Result of a status change.
#[derive(Debug)]
pub enum ChangeOutcome {
    /// The change was made; the issue as it is now.
    Changed(Box<IssueDetail>),
    /// There is no such issue.
    NotFound,
    /// The issue does not have the expected status or revision; the issue as it is now.
    Stale(Box<IssueDetail>),
    /// It was to be made under a lease, which does not allow it.
    Lease(LeaseRefused),
    /// An agent changes the status only under its lease.
    LeaseNeeded,
    /// The transition is not permitted.
    Refused {
        /// The issue, unchanged.
        issue: Box<IssueDetail>,
        /// The transitions that are allowed.
        allowed: Vec<Status>,
    },
}

/// Issues and everything that belongs to them.
pub trait Issues {
    /// A page of issues, newest or largest first.
    fn issues(&self, filter: IssueFilter, page: PageRequest) -> StoreFuture<'_, Page<Issue>>;

    /// An issue, with the stack trace and context of its latest event.
    fn issue(&self, id: IssueId) -> StoreFuture<'_, Option<IssueDetail>>;

    /// The project of an issue. `None` if there is no such issue.
    fn project_of(&self, id: IssueId) -> StoreFuture<'_, Option<ProjectId>>;

    /// The kept events of an issue before number `before`, newest first. `None` if there is no such issue.
    fn events(
        &self,
        id: IssueId,
        before: Option<EventNumber>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<Event>>>;

    /// The status changes of an issue before `before`, newest first. `None` if there is no such issue.
    fn history(
        &self,
        id: IssueId,
        before: Option<HistoryId>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<(HistoryId, HistoryEntry)>>>;

    /// Changes an issue's status, as [`repair::change`](crate::domain::repair::change) determines.
    fn change_status(
        &self,
        id: IssueId,
        change: Change,
        proof: Option<LeaseProof>,
        now: Timestamp,
    ) -> StoreFuture<'_, ChangeOutcome>;

    /// Deletes an issue with its events, hours, releases, event ids, history and attempts; returns whether it existed.
    fn delete_issue(&self, id: IssueId, now: Timestamp) -> StoreFuture<'_, bool>;
}
