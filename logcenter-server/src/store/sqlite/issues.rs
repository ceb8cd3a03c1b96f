//! Issues: reading, changing and deleting them.

use super::rows::{self, ISSUE};
use super::session::Session;
use super::{Sqlite, delete, events, history, issue_row, listing};
use crate::domain::change::{Standing, Transition, decide};
use crate::domain::{
    Change, ChangeRefused, Deployment, Event, EventNumber, HistoryEntry, HistoryId, Issue, IssueDetail,
    IssueEventKind, IssueFilter, IssueId, Page, PageRequest,
};
use crate::store::{ChangeOutcome, Issues, StoreError, StoreFuture};
use logcenter_core::{ProjectId, Timestamp};
use rusqlite::{Connection, OptionalExtension};

impl Issues for Sqlite {
    fn issues(&self, filter: IssueFilter, page: PageRequest) -> StoreFuture<'_, Page<Issue>> {
        self.read(move |connection, _| listing::page(connection, &filter, page))
    }

    fn issue(&self, id: IssueId) -> StoreFuture<'_, Option<IssueDetail>> {
        self.read(move |connection, _| detail(connection, id))
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

    fn change_status(&self, id: IssueId, change: Change, now: Timestamp) -> StoreFuture<'_, ChangeOutcome> {
        self.writer.write(move |session| change_status(session, id, &change, now))
    }

    fn deploy(&self, deployment: Deployment, now: Timestamp) -> StoreFuture<'_, Vec<IssueId>> {
        self.writer.write(move |session| deploy(session, &deployment, now))
    }

    fn delete_issue(&self, id: IssueId, now: Timestamp) -> StoreFuture<'_, bool> {
        self.writer.write(move |session| delete::issue(session, id, now))
    }
}

/// An issue with the stack trace and context of its latest event.
fn detail(connection: &Connection, id: IssueId) -> Result<Option<IssueDetail>, StoreError> {
    let mut select = connection.prepare_cached(&format!("SELECT {ISSUE} FROM issues WHERE id = ?1"))?;
    let Some(issue) = select.query_row([id.0], rows::issue).optional()? else { return Ok(None) };
    let mut select = connection.prepare_cached(
        "SELECT p.stack_trace, e.context FROM issues i JOIN events e ON e.id = i.last_event
           JOIN events p ON p.id = ifnull(e.payload_event, e.id) WHERE i.id = ?1",
    )?;
    let event = select.query_row([id.0], |row| Ok((row.get("stack_trace")?, row.get("context")?)));
    let (stack_trace, context) = event.optional()?.unwrap_or_default();
    Ok(Some(IssueDetail { issue, stack_trace, context }))
}

fn standing(connection: &Connection, id: IssueId) -> Result<Option<Standing>, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT id, status, revision, fixed_at, fix_commit, pull_request_url FROM issues WHERE id = ?1",
    )?;
    Ok(select.query_row([id.0], |row| rows::intact("issues", row, rows::standing)).optional()?)
}

fn change_status(
    session: &mut Session<'_>,
    id: IssueId,
    change: &Change,
    now: Timestamp,
) -> Result<ChangeOutcome, StoreError> {
    let Some(before) = standing(&session.transaction, id)? else { return Ok(ChangeOutcome::NotFound) };
    let decision = decide(&before, change, now);
    if let Ok(transition) = &decision {
        write(session, id, transition, IssueEventKind::StatusChanged)?;
    }
    let Some(issue) = detail(&session.transaction, id)?.map(Box::new) else {
        return Ok(ChangeOutcome::NotFound);
    };
    Ok(match decision {
        Ok(_) => ChangeOutcome::Changed(issue),
        Err(ChangeRefused::Stale) => ChangeOutcome::Stale(issue),
        Err(ChangeRefused::NotAllowed { allowed }) => ChangeOutcome::Refused { issue, allowed },
    })
}

fn write(
    session: &mut Session<'_>,
    id: IssueId,
    transition: &Transition,
    kind: IssueEventKind,
) -> Result<(), StoreError> {
    issue_row::set_standing(&session.transaction, id, &transition.after)?;
    history::insert(&session.transaction, id, &transition.entry)?;
    session.cache.take(id);
    session.announce(id, kind, transition.entry.at)
}

fn deploy(
    session: &mut Session<'_>,
    deployment: &Deployment,
    now: Timestamp,
) -> Result<Vec<IssueId>, StoreError> {
    let candidates = session
        .transaction
        .prepare_cached(
            "SELECT id, status, revision, fixed_at, fix_commit, pull_request_url FROM issues
             WHERE project_id = ?1 AND status = 'VERIFIED'
               AND EXISTS (SELECT 1 FROM issue_environments e WHERE e.environment = ?2 AND e.issue_id = issues.id)
             ORDER BY id",
        )?
        .query_map([deployment.project_id.as_str(), &*deployment.environment], |row| {
            rows::intact("issues", row, |row| Ok((IssueId(row.get("id")?), rows::standing(row)?)))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut deployed = Vec::new();
    for (id, standing) in candidates {
        if let Some(transition) = deployment.moves(&standing, now) {
            write(session, id, &transition, IssueEventKind::Deployed)?;
            deployed.push(id);
        }
    }
    Ok(deployed)
}
