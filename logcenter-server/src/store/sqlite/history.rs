//! The history of issues.

use super::rows::{self, time, word};
use crate::domain::text::ActorName;
use crate::domain::{Actor, HistoryEntry, HistoryId, IssueId, Page};
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, params};

/// Stores an entry of an issue's history.
pub(super) fn insert(transaction: &Transaction<'_>, id: IssueId, entry: &HistoryEntry) -> Result<()> {
    let mut insert = transaction.prepare_cached(
        r#"INSERT INTO history (issue_id, "from", "to", actor, role, note, at, forced, commit_hash, pull_request_url)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"#,
    )?;
    insert.execute(params![
        id.0,
        entry.from.as_str(),
        entry.to.as_str(),
        &*entry.actor.name,
        entry.actor.role.as_str(),
        entry.note.as_deref(),
        entry.at.millis(),
        entry.forced,
        entry.commit_hash.as_deref(),
        entry.pull_request_url.as_deref(),
    ])?;
    Ok(())
}

/// The status changes of an issue before `before`, newest first.
pub(super) fn page(
    connection: &Connection,
    id: IssueId,
    before: Option<HistoryId>,
    limit: u32,
) -> std::result::Result<Option<Page<(HistoryId, HistoryEntry)>>, StoreError> {
    let exists = connection.query_row("SELECT 1 FROM issues WHERE id = ?1", [id.0], |_| Ok(())).optional()?;
    if exists.is_none() {
        return Ok(None);
    }
    let mut select = connection
        .prepare_cached("SELECT * FROM history WHERE issue_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3")?;
    let before = before.map_or(i64::MAX, |number| number.0);
    let rows = select.query_map(params![id.0, before, limit + 1], entry)?;
    Ok(Some(Page::of(rows.collect::<Result<_>>()?, limit)))
}

fn entry(row: &Row<'_>) -> Result<(HistoryId, HistoryEntry)> {
    rows::intact("history", row, |row| {
        let entry = HistoryEntry {
            from: word(row, "from")?,
            to: word(row, "to")?,
            actor: Actor { role: word(row, "role")?, name: ActorName::cut(row.get_ref("actor")?.as_str()?) },
            note: rows::text(row, "note")?,
            at: time(row, "at")?,
            forced: row.get("forced")?,
            commit_hash: rows::text(row, "commit_hash")?,
            pull_request_url: rows::text(row, "pull_request_url")?,
        };
        Ok((HistoryId(row.get("id")?), entry))
    })
}
