//! Issues: reading them, moving them on, removing them.

use super::StoreFuture;
use crate::domain::{
    Change, Deployment, Event, EventNumber, HistoryEntry, HistoryId, Issue, IssueDetail, IssueFilter,
    IssueId, Page, PageRequest,
};
use logcenter_core::{Status, Timestamp};

/// What came of a status change.
#[derive(Debug)]
pub enum ChangeOutcome {
    /// It was made; the issue as it is now.
    Changed(Box<IssueDetail>),
    /// There is no such issue.
    NotFound,
    /// The issue, as it is now, has another status or revision than was expected.
    Stale(Box<IssueDetail>),
    /// The table of transitions does not have it.
    Refused {
        /// The issue as it is.
        issue: Box<IssueDetail>,
        /// The statuses that it may have next.
        allowed: Vec<Status>,
    },
}

/// Issues and what belongs to them.
pub trait Issues {
    /// A page of issues, newest or largest first.
    fn issues(&self, filter: IssueFilter, page: PageRequest) -> StoreFuture<'_, Page<Issue>>;

    /// One issue, with the stack and context of its latest event.
    fn issue(&self, id: IssueId) -> StoreFuture<'_, Option<IssueDetail>>;

    /// The kept events of an issue before number `before`, newest first. `None` when there is no such issue.
    fn events(
        &self,
        id: IssueId,
        before: Option<EventNumber>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<Event>>>;

    /// The status changes of an issue before `before`, newest first. `None` when there is no such issue.
    fn history(
        &self,
        id: IssueId,
        before: Option<HistoryId>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<(HistoryId, HistoryEntry)>>>;

    /// Changes an issue's status, as [`decide`](crate::domain::change::decide) says.
    fn change_status(&self, id: IssueId, change: Change, now: Timestamp) -> StoreFuture<'_, ChangeOutcome>;

    /// Moves on the issues that [`Deployment::moves`] says; which those are.
    fn deploy(&self, deployment: Deployment, now: Timestamp) -> StoreFuture<'_, Vec<IssueId>>;

    /// Removes an issue with its events, hours, releases, event ids and history; whether there was one.
    fn delete_issue(&self, id: IssueId, now: Timestamp) -> StoreFuture<'_, bool>;
}
