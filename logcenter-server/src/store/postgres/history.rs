//! The history of issues.

use super::fault::Result;
use super::issue_row;
use super::rows::{self, get, time, word};
use super::session::Session;
use crate::domain::text::ActorName;
use crate::domain::{Actor, HistoryEntry, HistoryId, IssueId, Page};
use tokio_postgres::Row;

/// Stores entries of issues' histories, in their order.
pub(super) async fn insert(session: &Session<'_>, entries: &[(IssueId, &HistoryEntry)]) -> Result<()> {
    for (id, entry) in entries {
        session
            .execute(
                r#"INSERT INTO history (issue_id, "from", "to", actor, role, note, at, forced, commit_hash, pull_request_url)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
                &[
                    &id.0,
                    &entry.from.as_str(),
                    &entry.to.as_str(),
                    &&*entry.actor.name,
                    &entry.actor.role.as_str(),
                    &entry.note.as_deref(),
                    &entry.at.millis(),
                    &entry.forced,
                    &entry.commit_hash.as_deref(),
                    &entry.pull_request_url.as_deref(),
                ],
            )
            .await?;
    }
    Ok(())
}

/// The status changes of an issue before `before`, newest first.
pub(super) async fn page(
    session: &Session<'_>,
    id: IssueId,
    before: Option<HistoryId>,
    limit: u32,
) -> Result<Option<Page<(HistoryId, HistoryEntry)>>> {
    if !issue_row::exists(session, id).await? {
        return Ok(None);
    }
    let before = before.map_or(i64::MAX, |number| number.0);
    let sql = "SELECT * FROM history WHERE issue_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = session.query(sql, &[&id.0, &before, &i64::from(limit + 1)]).await?;
    Ok(Some(Page::of(rows.iter().map(entry).collect::<Result<_>>()?, limit)))
}

fn entry(row: &Row) -> Result<(HistoryId, HistoryEntry)> {
    rows::intact("history", row, |row| {
        let entry = HistoryEntry {
            from: word(row, "from")?,
            to: word(row, "to")?,
            actor: Actor { role: word(row, "role")?, name: ActorName::cut(get(row, "actor")?) },
            note: rows::text(row, "note")?,
            at: time(row, "at")?,
            forced: get(row, "forced")?,
            commit_hash: rows::text(row, "commit_hash")?,
            pull_request_url: rows::text(row, "pull_request_url")?,
        };
        Ok((HistoryId(get(row, "id")?), entry))
    })
}
