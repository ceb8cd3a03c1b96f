//! Deletes an issue or a project with everything that belongs to it.

use super::keys;
use super::retention::Sweep;
use super::session::Session;
use crate::domain::{IssueEventKind, IssueId};
use crate::store::StoreError;
use logcenter_core::{Fingerprint, ProjectId, Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};

/// Issues of a project deleted per transaction: reports and readiness checks wait no longer than that.
const REMOVED_AT_ONCE: u32 = 32;

/// Deletes the events that can be reached: back from the latest, those that hold their payloads, and the first. Events
/// that retention has cut off from these are removed by its next pass.
pub(super) fn remove_events(transaction: &Transaction<'_>, id: IssueId) -> rusqlite::Result<()> {
    let mut delete = transaction.prepare_cached(
        "WITH RECURSIVE way (id, number, previous, payload_event) AS (
           SELECT e.id, e.number, e.previous, e.payload_event FROM issues i JOIN events e ON e.id = i.last_event
             WHERE i.id = ?1
           UNION ALL
           SELECT e.id, e.number, e.previous, e.payload_event FROM way JOIN events e ON e.id = way.previous
             WHERE e.issue_id = ?1 AND e.number < way.number
         )
         DELETE FROM events WHERE issue_id = ?1 AND id IN (
           SELECT id FROM way UNION SELECT payload_event FROM way UNION SELECT first_event FROM issues WHERE id = ?1)",
    )?;
    delete.execute([id.0]).map(|_| ())
}

/// Deletes an issue; returns whether it existed.
pub(super) fn issue(session: &mut Session<'_>, id: IssueId, now: Timestamp) -> Result<bool, StoreError> {
    let transaction = &session.transaction;
    let found = transaction
        .prepare_cached("SELECT project_id, source, fingerprint FROM issues WHERE id = ?1")?
        .query_row([id.0], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, Fingerprint::from_bytes(row.get(2)?)))
        });
    let Some((project_id, source, own)) = found.optional()? else { return Ok(false) };
    let mut fingerprints = transaction
        .prepare_cached("DELETE FROM fingerprints WHERE issue_id = ?1 RETURNING fingerprint")?
        .query_map([id.0], |row| row.get(0).map(Fingerprint::from_bytes))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    fingerprints.push(own);
    remove_events(transaction, id)?;
    // Hours of issues and of projects become days at different times: what has no row yet is made up for then.
    let mut subtract = transaction.prepare_cached(
        "INSERT INTO project_hours AS p (hour, project_id, source, count)
         SELECT hour, ?2, ?3, -sum(count) FROM issue_hours WHERE issue_id = ?1 GROUP BY hour HAVING sum(count) <> 0
         ON CONFLICT (hour, project_id, source) DO UPDATE SET count = p.count + excluded.count",
    )?;
    subtract.execute(params![id.0, project_id, source])?;
    for sql in [
        "DELETE FROM issues WHERE id = ?1",
        "DELETE FROM issue_texts WHERE rowid = ?1",
        "DELETE FROM issue_environments WHERE issue_id = ?1
           AND environment IN (SELECT environment FROM issue_hours WHERE issue_id = ?1)",
        "DELETE FROM issue_hours WHERE issue_id = ?1",
        "DELETE FROM issue_releases WHERE issue_id = ?1",
        "DELETE FROM event_ids WHERE issue_id = ?1",
        "DELETE FROM history WHERE issue_id = ?1",
        "DELETE FROM artifacts WHERE attempt_id IN (SELECT id FROM attempts WHERE issue_id = ?1)",
        "DELETE FROM attempts WHERE issue_id = ?1",
        "DELETE FROM repairs WHERE issue_id = ?1",
        "UPDATE deleted_issues SET highest_id = ?1 WHERE highest_id < ?1",
    ] {
        transaction.prepare_cached(sql)?.execute([id.0])?;
    }
    drop(subtract);
    session.cache.forget_issue(id, &fingerprints);
    session.cache.sweep = Sweep::default();
    session.announce(id, IssueEventKind::Deleted, now)?;
    Ok(true)
}

/// Deletes some issues of a project and, with the last of them, the project. Once it is gone, returns whether it
/// existed.
pub(super) fn project_in_part(
    session: &mut Session<'_>,
    project_id: &ProjectId,
    now: Timestamp,
) -> Result<Option<bool>, StoreError> {
    keys::delete(&session.transaction, project_id, None)?;
    let ids = session
        .transaction
        .prepare_cached("SELECT id FROM issues WHERE project_id = ?1 LIMIT ?2")?
        .query_map(params![project_id.as_str(), REMOVED_AT_ONCE], |row| row.get(0).map(IssueId))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for &id in &ids {
        issue(session, id, now)?;
    }
    if ids.len() == REMOVED_AT_ONCE as usize {
        return Ok(None);
    }
    for sql in
        ["DELETE FROM project_hours WHERE project_id = ?1", "DELETE FROM deployments WHERE project_id = ?1"]
    {
        session.transaction.execute(sql, [project_id.as_str()])?;
    }
    let removed =
        session.transaction.execute("DELETE FROM projects WHERE project_id = ?1", [project_id.as_str()])?;
    session.cache.forget_project(project_id);
    Ok(Some(removed > 0))
}
