//! The releases that showed an issue.

use super::fault::Result;
use super::rows::{get, time};
use super::session::Session;
use crate::domain::IssueId;
use crate::domain::recording::{Group, IssuePlan, KEPT_RELEASES, SeenRelease};

/// The releases of a group that its issue was already seen in.
pub(super) async fn seen(session: &Session<'_>, id: IssueId, group: &Group<'_>) -> Result<Vec<SeenRelease>> {
    let asked: Vec<&str> = group.reports.iter().flat_map(|report| report.releases()).collect();
    let sql = "SELECT release, first_seen FROM issue_releases WHERE issue_id = $1 AND release = ANY($2)";
    let rows = session.query(sql, &[&id.0, &asked]).await?;
    let read = |row| Ok(SeenRelease { release: get(row, "release")?, first_seen: time(row, "first_seen")? });
    rows.iter().map(read).collect()
}

/// Writes the releases of a plan.
pub(super) async fn write(session: &Session<'_>, plan: &IssuePlan<'_>) -> Result<()> {
    if plan.releases.is_empty() {
        return Ok(());
    }
    let id = plan.state.id.0;
    let mut added = 0;
    for (release, at) in &plan.releases {
        let sql = "INSERT INTO issue_releases (issue_id, release, first_seen) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        added += session.execute(sql, &[&id, release, &at.millis()]).await?;
    }
    // The releases of a single report are never too many.
    if added > 0 && plan.state.events.0 > 1 {
        let sql = "DELETE FROM issue_releases WHERE issue_id = $1 AND release IN (SELECT release FROM issue_releases
                     WHERE issue_id = $1 ORDER BY first_seen DESC, release OFFSET $2)";
        session.execute(sql, &[&id, &i64::from(KEPT_RELEASES)]).await?;
    }
    Ok(())
}
