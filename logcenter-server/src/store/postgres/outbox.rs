//! The stream of issue events.

use super::fault::Result;
use super::rows::{self, get};
use super::session::Session;
use super::transact::{Lane, pause};
use super::{Postgres, Shared};
use crate::domain::{FeedPosition, IssueEvent, IssueEventKind, IssueEvents, IssueId};
use crate::store::{Outbox, StoreError, StoreFuture};
use logcenter_core::Timestamp;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// Counted issues are announced no later than this.
const SOON: Duration = Duration::from_millis(500);

impl Outbox for Postgres {
    fn keep_issue_events(&self, until: Timestamp, now: Timestamp) -> StoreFuture<'_, ()> {
        self.write((until.millis(), now.millis()), |session, (until, now)| {
            Box::pin(async move {
                let row = session.one("SELECT position, wanted_until FROM feed FOR UPDATE", &[]).await?;
                let (position, wanted): (i64, i64) = (get(&row, "position")?, get(&row, "wanted_until")?);
                let begins = wanted <= *now;
                // Using the clock puts positions of another database before the beginning.
                let position = if begins { (*now).max(position + 1) } else { position };
                if begins {
                    let sql = "INSERT INTO outbox (position, issue_id, kind, at) VALUES ($1, 0, 'begin', $2)";
                    session.execute(sql, &[&position, now]).await?;
                }
                let sql = "UPDATE feed SET position = $1, wanted_until = greatest(wanted_until, $2)";
                session.execute(sql, &[&position, until]).await.map(drop)
            })
        })
    }

    fn issue_events(&self, after: Option<FeedPosition>, limit: u32) -> StoreFuture<'_, IssueEvents> {
        Box::pin(async move {
            announce_counted(&self.shared).await?;
            let read = self.read((after, limit), |session, (after, limit)| {
                Box::pin(issue_events(session, *after, *limit))
            });
            read.await
        })
    }
}

async fn issue_events(session: &Session<'_>, after: Option<FeedPosition>, limit: u32) -> Result<IssueEvents> {
    let newest: i64 = get(&session.one("SELECT position FROM feed", &[]).await?, "position")?;
    let Some(FeedPosition(after)) = after else {
        return Ok(IssueEvents { events: Vec::new(), next: FeedPosition(newest), missed: false });
    };
    let sql = "SELECT (SELECT coalesce(max(position), 0) FROM outbox WHERE kind = 'begin') AS begin, min(position) AS oldest
               FROM outbox";
    let row = session.one(sql, &[]).await?;
    let (begin, oldest): (i64, Option<i64>) = (get(&row, "begin")?, get(&row, "oldest")?);
    let complete_since = oldest.map_or(newest, |oldest| (oldest - 1).max(begin));
    let missed = after < complete_since || after > newest;
    let from = if missed { complete_since } else { after };
    let sql = "SELECT position, issue_id, kind FROM outbox WHERE position > $1 AND kind <> 'begin' ORDER BY position LIMIT $2";
    let rows = session.query(sql, &[&from, &i64::from(limit)]).await?;
    let event = |row: &tokio_postgres::Row| {
        rows::intact("outbox", row, |row| {
            let (position, issue_id) =
                (FeedPosition(get(row, "position")?), rows::issue_id(row, "issue_id")?);
            Ok(IssueEvent { position, issue_id, kind: rows::word(row, "kind")? })
        })
    };
    let events: Vec<IssueEvent> = rows.iter().map(event).collect::<Result<_>>()?;
    let next = events.last().map_or(FeedPosition(newest), |event| event.position);
    Ok(IssueEvents { events, next, missed })
}

/// Announces counted issues in a while, unless nothing was counted or that was begun already.
pub(super) fn announce_counted_soon(shared: &Arc<Shared>) {
    let any = !shared.counted.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
    if any && !shared.announcing.swap(true, Ordering::AcqRel) {
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            pause(SOON).await;
            shared.announcing.store(false, Ordering::Release);
            // What could not be announced is, with what is counted next.
            let _ = announce_counted(&shared).await;
        });
    }
}

/// Announces counted issues: apart from recording them, so that no batch holds the lock on `feed`.
pub(super) async fn announce_counted(shared: &Shared) -> std::result::Result<(), StoreError> {
    let counted = std::mem::take(&mut *shared.counted.lock().unwrap_or_else(PoisonError::into_inner));
    if counted.is_empty() {
        return Ok(());
    }
    let mut counted: Vec<(IssueId, Timestamp)> = counted.into_iter().collect();
    counted.sort_unstable();
    let announced = shared.repeated(
        &counted,
        |session, counted| {
            Box::pin(async move {
                for (id, at) in counted {
                    session.announce(*id, IssueEventKind::Counted, *at);
                }
                Ok(())
            })
        },
        Lane::Write,
    );
    let announced = announced.await;
    if announced.is_err() {
        shared.note_counted(counted);
    }
    announced
}
