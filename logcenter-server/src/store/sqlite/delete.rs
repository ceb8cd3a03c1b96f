//! Removing: an issue, a project, what is kept for a time only.

use super::memory::Memory;
use super::sweep::Sweep;
use super::writer::Session;
use crate::store::StoreError;
use logcenter_core::{Fingerprint, ProjectId, Timestamp};
use rusqlite::{OptionalExtension, Result, Transaction, params};

/// How many event ids are forgotten in one transaction, so that reports need not wait long.
const FORGOTTEN_AT_ONCE: u32 = 2000;

/// Removes an issue with all that belongs to it.
pub(super) fn issue(session: &mut Session<'_>, id: i64) -> std::result::Result<bool, StoreError> {
    Ok(remove(&session.transaction, session.memory, id)?)
}

/// Removes the events that can be reached: back from the latest, those that show how they look, and the first. What the
/// sweep has cut off from them goes with its next pass, which begins now.
fn remove_events(transaction: &Transaction<'_>, memory: &mut Memory, id: i64) -> Result<()> {
    let mut delete = transaction.prepare_cached(
        "WITH RECURSIVE way (id, number, previous, looks_event) AS (
           SELECT e.id, e.number, e.previous, e.looks_event FROM issues i JOIN events e ON e.id = i.last_event
             WHERE i.id = ?1
           UNION ALL
           SELECT e.id, e.number, e.previous, e.looks_event FROM way JOIN events e ON e.id = way.previous
             WHERE e.issue_id = ?1 AND e.number < way.number
         )
         DELETE FROM events WHERE issue_id = ?1 AND id IN (
           SELECT id FROM way UNION SELECT looks_event FROM way UNION SELECT first_event FROM issues WHERE id = ?1)",
    )?;
    delete.execute([id])?;
    memory.sweep = Sweep::default();
    Ok(())
}

fn remove(transaction: &Transaction<'_>, memory: &mut Memory, id: i64) -> Result<bool> {
    let select = "SELECT project_id, source, fingerprint FROM issues WHERE id = ?1";
    let found = transaction.query_row(select, [id], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, Fingerprint::from_bytes(row.get(2)?)))
    });
    let Some((project_id, source, fingerprint)) = found.optional()? else { return Ok(false) };
    memory.forget_fingerprint(transaction, fingerprint)?;
    remove_events(transaction, memory, id)?;
    let mut subtract = transaction.prepare_cached(
        "UPDATE project_hours AS p SET count = p.count - h.count
         FROM (SELECT hour, sum(count) AS count FROM issue_hours WHERE issue_id = ?1 GROUP BY hour) AS h
         WHERE p.hour = h.hour AND p.project_id = ?2 AND p.source = ?3",
    )?;
    subtract.execute(params![id, project_id, source])?;
    for sql in [
        "DELETE FROM issues WHERE id = ?1",
        "DELETE FROM issue_texts WHERE rowid = ?1",
        "DELETE FROM issue_environments WHERE issue_id = ?1
           AND environment IN (SELECT environment FROM issue_hours WHERE issue_id = ?1)",
        "DELETE FROM issue_hours WHERE issue_id = ?1",
        "DELETE FROM issue_releases WHERE issue_id = ?1",
        "DELETE FROM event_ids WHERE issue_id = ?1",
        "DELETE FROM history WHERE issue_id = ?1",
        "UPDATE deleted_issues SET highest_id = ?1 WHERE highest_id < ?1",
    ] {
        transaction.prepare_cached(sql)?.execute([id])?;
    }
    Ok(true)
}

/// Removes a project with its issues and keys.
pub(super) fn project(
    session: &mut Session<'_>,
    project_id: &ProjectId,
) -> std::result::Result<bool, StoreError> {
    let transaction = &session.transaction;
    let ids = transaction
        .prepare("SELECT id FROM issues WHERE project_id = ?1")?
        .query_map([project_id.as_str()], |row| row.get(0))?
        .collect::<Result<Vec<i64>>>()?;
    for id in ids {
        remove(transaction, session.memory, id)?;
    }
    for sql in
        ["DELETE FROM project_hours WHERE project_id = ?1", "DELETE FROM ingest_keys WHERE project_id = ?1"]
    {
        transaction.execute(sql, [project_id.as_str()])?;
    }
    Ok(transaction.execute("DELETE FROM projects WHERE project_id = ?1", [project_id.as_str()])? > 0)
}

/// Forgets some event ids that were last seen before `before`; whether more are left.
pub(super) fn expired_event_ids(
    session: &mut Session<'_>,
    before: Timestamp,
) -> std::result::Result<bool, StoreError> {
    let forgotten = session.transaction.execute(
        "DELETE FROM event_ids WHERE (project_id, event_id) IN
           (SELECT project_id, event_id FROM event_ids WHERE seen_at < ?1 LIMIT ?2)",
        params![before.millis(), FORGOTTEN_AT_ONCE],
    )?;
    Ok(forgotten == FORGOTTEN_AT_ONCE as usize)
}
