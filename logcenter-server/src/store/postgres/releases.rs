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

/// A release of an issue: when it was first seen in it, and whether it is the issue's first event.
pub(super) type NewRelease = (i64, String, i64, bool);

/// The releases that plans add, sorted as they are written.
pub(super) fn of(plans: &[IssuePlan<'_>]) -> Vec<NewRelease> {
    let one = |plan: &IssuePlan<'_>| {
        let (id, is_first) = (plan.state.id.0, plan.state.events.0 == 1);
        let releases = plan.releases.iter();
        releases.map(|(release, at)| (id, (*release).to_owned(), at.millis(), is_first)).collect::<Vec<_>>()
    };
    let mut all: Vec<NewRelease> = plans.iter().flat_map(one).collect();
    all.sort();
    all.dedup_by(|later, earlier| (later.0, &later.1) == (earlier.0, &earlier.1));
    all
}

/// Writes releases, and removes the oldest of issues that have too many.
pub(super) async fn write(session: &Session<'_>, releases: &[NewRelease]) -> Result<()> {
    if releases.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = releases.iter().map(|(id, _, _, _)| *id).collect();
    let names: Vec<&str> = releases.iter().map(|(_, release, _, _)| &**release).collect();
    let times: Vec<i64> = releases.iter().map(|(_, _, at, _)| *at).collect();
    let sql = "INSERT INTO issue_releases (issue_id, release, first_seen)
               SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING";
    session.execute(sql, &[&ids, &names, &times]).await?;
    // The releases of a single report are never too many.
    let mut grown: Vec<i64> =
        releases.iter().filter(|(_, _, _, is_first)| !is_first).map(|(id, _, _, _)| *id).collect();
    grown.dedup();
    for id in grown {
        let sql = "DELETE FROM issue_releases WHERE issue_id = $1 AND release IN (SELECT release FROM issue_releases
                     WHERE issue_id = $1 ORDER BY first_seen DESC, release OFFSET $2)";
        session.execute(sql, &[&id, &i64::from(KEPT_RELEASES)]).await?;
    }
    Ok(())
}
