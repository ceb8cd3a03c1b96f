//! Issues: reading, changing and deleting them.

use super::fault::Result;
use super::rows;
use super::session::Session;
use super::{Postgres, delete, detail, events, failed_checks, history, listing, repair_row, repairs};
use crate::domain::repair::{self, LeaseProof, WorkRefused};
use crate::domain::{
    Change, ChangeRefused, Event, EventNumber, HistoryEntry, HistoryId, Issue, IssueDetail, IssueFilter,
    IssueId, Page, PageRequest,
};
use crate::store::{ChangeOutcome, Issues, StoreFuture};
use logcenter_core::{ProjectId, Timestamp};

impl Issues for Postgres {
    fn issues(&self, filter: IssueFilter, page: PageRequest) -> StoreFuture<'_, Page<Issue>> {
        self.read((filter, page), |session, (filter, page)| Box::pin(listing::page(session, filter, *page)))
    }

    fn issue(&self, id: IssueId) -> StoreFuture<'_, Option<IssueDetail>> {
        self.read(id, |session, id| Box::pin(detail::read(session, *id)))
    }

    fn project_of(&self, id: IssueId) -> StoreFuture<'_, Option<ProjectId>> {
        self.read(id, |session, id| {
            Box::pin(async move {
                let row =
                    session.optional("SELECT id, project_id FROM issues WHERE id = $1", &[&id.0]).await?;
                row.map(|row| rows::intact("issues", &row, rows::project_id)).transpose()
            })
        })
    }

    fn events(
        &self,
        id: IssueId,
        before: Option<EventNumber>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<Event>>> {
        self.read((id, before, limit), |session, (id, before, limit)| {
            Box::pin(events::page(session, *id, *before, *limit))
        })
    }

    fn history(
        &self,
        id: IssueId,
        before: Option<HistoryId>,
        limit: u32,
    ) -> StoreFuture<'_, Option<Page<(HistoryId, HistoryEntry)>>> {
        self.read((id, before, limit), |session, (id, before, limit)| {
            Box::pin(history::page(session, *id, *before, *limit))
        })
    }

    fn change_status(
        &self,
        id: IssueId,
        change: Change,
        proof: Option<LeaseProof>,
        now: Timestamp,
    ) -> StoreFuture<'_, ChangeOutcome> {
        self.write((id, change, proof, now), |session, (id, change, proof, now)| {
            Box::pin(change_status(session, *id, change, *proof, *now))
        })
    }

    fn delete_issue(&self, id: IssueId, now: Timestamp) -> StoreFuture<'_, bool> {
        self.write((id, now), |session, (id, now)| Box::pin(delete::issue(session, *id, *now)))
    }
}

async fn change_status(
    session: &Session<'_>,
    id: IssueId,
    change: &Change,
    proof: Option<LeaseProof>,
    now: Timestamp,
) -> Result<ChangeOutcome> {
    let Some(work) = repair_row::lock(session, id).await? else { return Ok(ChangeOutcome::NotFound) };
    let mut decision = repair::change(work, change, proof, now);
    if let Ok(worked) = decision {
        let worked = failed_checks::applied(session, worked, now).await?;
        repairs::write(session, id, &worked, now).await?;
        decision = Ok(worked);
    }
    let Some(issue) = detail::read(session, id).await?.map(Box::new) else {
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
