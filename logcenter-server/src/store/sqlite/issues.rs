//! Issues: reading, changing and deleting them.

use super::rows;
use super::session::Session;
use super::{Sqlite, delete, detail, events, failed_checks, history, listing, repair_row, repairs};
use crate::domain::repair::{self, LeaseProof, WorkRefused};
use crate::domain::{
    Change, ChangeRefused, Event, EventNumber, HistoryEntry, HistoryId, Issue, IssueDetail, IssueFilter,
    IssueId, Page, PageRequest,
};
use crate::store::{ChangeOutcome, Issues, StoreError, StoreFuture};
use logcenter_core::{ProjectId, Timestamp};
use rusqlite::OptionalExtension;

impl Issues for Sqlite {
    fn issues(&self, filter: IssueFilter, page: PageRequest) -> StoreFuture<'_, Page<Issue>> {
        self.read(move |connection, _| listing::page(connection, &filter, page))
    }

    fn issue(&self, id: IssueId) -> StoreFuture<'_, Option<IssueDetail>> {
        self.read(move |connection, _| detail::read(connection, id))
    }

    fn project_of(&self, id: IssueId) -> StoreFuture<'_, Option<ProjectId>> {
        self.peek(move |connection| {
            let mut select = connection.prepare_cached("SELECT id, project_id FROM issues WHERE id = ?1")?;
            let found = select.query_row([id.0], |row| rows::intact("issues", row, rows::project_id));
            Ok(found.optional()?)
        })
    }

    fn events(
        &self,
        id: IssueId,
        before: Option<EventNumber>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<Event>>> {
        self.read(move |connection, kept| events::page(connection, id, before, limit, kept))
    }

    fn history(
        &self,
        id: IssueId,
        before: Option<HistoryId>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<(HistoryId, HistoryEntry)>>> {
        self.read(move |connection, _| history::page(connection, id, before, limit))
    }

    fn change_status(
        &self,
        id: IssueId,
        change: Change,
        proof: Option<LeaseProof>,
        now: Timestamp,
    ) -> StoreFuture<'_, ChangeOutcome> {
        self.writer.write(move |session| change_status(session, id, &change, proof, now))
    }

    fn delete_issue(&self, id: IssueId, now: Timestamp) -> StoreFuture<'_, bool> {
        self.writer.write(move |session| delete::issue(session, id, now))
    }
}

fn change_status(
    session: &mut Session<'_>,
    id: IssueId,
    change: &Change,
    proof: Option<LeaseProof>,
    now: Timestamp,
) -> Result<ChangeOutcome, StoreError> {
    let Some(work) = repair_row::work(&session.transaction, id)? else { return Ok(ChangeOutcome::NotFound) };
    let mut decision = repair::change(work, change, proof, now);
    if let Ok(worked) = decision {
        let worked = failed_checks::applied(&session.transaction, worked, now)?;
        repairs::write(session, id, &worked, now)?;
        decision = Ok(worked);
    }
    let Some(issue) = detail::read(&session.transaction, id)?.map(Box::new) else {
        return Ok(ChangeOutcome::NotFound);
    };
    Ok(match decision {
        Ok(_) => ChangeOutcome::Changed(issue),
        Err(WorkRefused::Lease(refused)) => ChangeOutcome::Lease(refused),
        Err(WorkRefused::LeaseNeeded) => ChangeOutcome::LeaseNeeded,
        Err(WorkRefused::Change(ChangeRefused::Stale)) => ChangeOutcome::Stale(issue),
        Err(WorkRefused::Change(ChangeRefused::NotAllowed { allowed })) => {
            ChangeOutcome::Refused { issue, allowed }
        }
    })
}
