//! Deletes an issue or a project with everything that belongs to it.

use super::fault::Result;
use super::keys;
use super::rows::{self, get};
use super::session::Session;
use crate::domain::{IssueEventKind, IssueId};
use logcenter_core::{ProjectId, Timestamp};

/// Issues of a project deleted per transaction: reports wait no longer than that.
const REMOVED_AT_ONCE: i64 = 32;

/// Deletes an issue; returns whether it existed.
pub(super) async fn issue(session: &Session<'_>, id: IssueId, now: Timestamp) -> Result<bool> {
    let sql = "SELECT project_id, source FROM issues WHERE id = $1 FOR UPDATE";
    let Some(row) = session.optional(sql, &[&id.0]).await? else { return Ok(false) };
    let (project_id, source): (&str, &str) = (get(&row, "project_id")?, get(&row, "source")?);
    // Hours of issues and of projects become days at different times: what has no row yet is made up for then.
    session
        .execute(
            "INSERT INTO project_hours AS p (hour, project_id, source, shard, count)
             SELECT hour, $2, $3, $4, -sum(count) FROM issue_hours WHERE issue_id = $1 GROUP BY hour
               HAVING sum(count) <> 0 ORDER BY hour
             ON CONFLICT (hour, project_id, source, shard) DO UPDATE SET count = p.count + excluded.count",
            &[&id.0, &project_id, &source, &session.shared.shard],
        )
        .await?;
    for sql in [
        "DELETE FROM issues WHERE id = $1",
        "DELETE FROM issue_texts WHERE issue_id = $1",
        "DELETE FROM fingerprints WHERE issue_id = $1",
        "DELETE FROM events WHERE issue_id = $1",
        "DELETE FROM issue_hours WHERE issue_id = $1",
        "DELETE FROM issue_environments WHERE issue_id = $1",
        "DELETE FROM issue_releases WHERE issue_id = $1",
        "DELETE FROM event_ids WHERE issue_id = $1",
        "DELETE FROM history WHERE issue_id = $1",
        "DELETE FROM artifacts WHERE attempt_id IN (SELECT id FROM attempts WHERE issue_id = $1)",
        "DELETE FROM attempts WHERE issue_id = $1",
        "DELETE FROM repairs WHERE issue_id = $1",
    ] {
        session.execute(sql, &[&id.0]).await?;
    }
    session.announce(id, IssueEventKind::Deleted, now);
    Ok(true)
}

/// Deletes some issues of a project and, with the last of them, the project. Once it is gone, returns whether it
/// existed.
pub(super) async fn project_in_part(
    session: &Session<'_>,
    project_id: &ProjectId,
    now: Timestamp,
) -> Result<Option<bool>> {
    // Reports that name it are either recorded by now, or wait until it is gone.
    let lock = "SELECT 1 FROM projects WHERE project_id = $1 FOR UPDATE";
    session.query(lock, &[&project_id.as_str()]).await?;
    keys::delete(session, project_id, None).await?;
    let sql = "SELECT id FROM issues WHERE project_id = $1 ORDER BY id LIMIT $2";
    let rows = session.query(sql, &[&project_id.as_str(), &REMOVED_AT_ONCE]).await?;
    for row in &rows {
        issue(session, rows::issue_id(row, "id")?, now).await?;
    }
    if rows.len() == usize::try_from(REMOVED_AT_ONCE).unwrap_or(usize::MAX) {
        return Ok(None);
    }
    for sql in
        ["DELETE FROM project_hours WHERE project_id = $1", "DELETE FROM deployments WHERE project_id = $1"]
    {
        session.execute(sql, &[&project_id.as_str()]).await?;
    }
    let removed =
        session.execute("DELETE FROM projects WHERE project_id = $1", &[&project_id.as_str()]).await?;
    Ok(Some(removed > 0))
}
