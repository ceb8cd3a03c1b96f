//! Counts.

use super::rows::{self, time, word};
use crate::domain::{
    EnvironmentCount, IssueStats, PeriodCount, ProjectCount, SourceCount, Stats, StatusCount,
};
use crate::store::StoreError;
use logcenter_core::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Result, Row};

pub(super) const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

pub(super) fn collect<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(params, read)?.collect()
}

fn period(row: &Row<'_>) -> Result<PeriodCount> {
    Ok(PeriodCount { at: time(row, "at")?, count: row.get("count")? })
}

/// How the errors of one issue spread.
pub(super) fn of_issue(
    connection: &Connection,
    id: i64,
    since: Timestamp,
) -> std::result::Result<Option<IssueStats>, StoreError> {
    let exists = connection.query_row("SELECT 1 FROM issues WHERE id = ?1", [id], |_| Ok(())).optional()?;
    if exists.is_none() {
        return Ok(None);
    }
    let hours = "SELECT hour AS at, sum(count) AS count FROM issue_hours WHERE issue_id = ?1 AND hour >= ?2
                 GROUP BY hour ORDER BY hour";
    let days = "SELECT hour - hour % ?2 AS at, sum(count) AS count FROM issue_hours WHERE issue_id = ?1
                GROUP BY 1 ORDER BY 1";
    let environments = "SELECT environment, sum(count) AS count, max(last_seen) AS last_seen FROM issue_hours
                        WHERE issue_id = ?1 GROUP BY environment ORDER BY 2 DESC, environment LIMIT 200";
    Ok(Some(IssueStats {
        hours: collect(connection, hours, [id, since.hour().millis()], period)?,
        days: collect(connection, days, [id, DAY_MILLIS], period)?,
        environments: collect(connection, environments, [id], |row| {
            Ok(EnvironmentCount {
                environment: row.get("environment")?,
                count: row.get("count")?,
                last_seen: time(row, "last_seen")?,
            })
        })?,
    }))
}

/// How the errors of some issues spread over the hours since `since`.
pub(super) fn of_issues(
    connection: &Connection,
    ids: &[i64],
    since: Timestamp,
) -> std::result::Result<Vec<(i64, PeriodCount)>, StoreError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let mut select = connection.prepare_cached(
        "SELECT hour AS at, sum(count) AS count FROM issue_hours WHERE issue_id = ?1 AND hour >= ?2
         GROUP BY hour ORDER BY hour",
    )?;
    let mut hours = Vec::new();
    for id in ids {
        for hour in select.query_map([id, since.hour().millis()], period)? {
            hours.push((id, hour?));
        }
    }
    Ok(hours)
}

/// Totals over everything.
pub(super) fn totals(connection: &Connection, now: Timestamp) -> std::result::Result<Stats, StoreError> {
    let by = |column: &str| {
        format!("SELECT {column}, count(*) AS issues, sum(count) AS count FROM issues GROUP BY 1 ORDER BY 1")
    };
    let projects = collect(connection, &by("project_id"), [], |row| {
        Ok(ProjectCount {
            project_id: rows::project_id(row)?,
            issues: row.get("issues")?,
            count: row.get("count")?,
        })
    })?;
    let statuses = collect(connection, &by("status"), [], |row| {
        Ok(StatusCount { status: word(row, "status")?, issues: row.get("issues")?, count: row.get("count")? })
    })?;
    let sources = collect(connection, &by("source"), [], |row| {
        Ok(SourceCount { source: word(row, "source")?, issues: row.get("issues")?, count: row.get("count")? })
    })?;
    let hours = "SELECT hour AS at, sum(count) AS count FROM project_hours WHERE hour >= ?1
                 GROUP BY hour HAVING sum(count) > 0 ORDER BY hour";
    let days = "SELECT hour - hour % ?2 AS at, sum(count) AS count FROM project_hours WHERE hour >= ?1
                GROUP BY 1 HAVING sum(count) > 0 ORDER BY 1";
    let week = now.minus_millis(7 * DAY_MILLIS).hour();
    let quarter = now.minus_millis(90 * DAY_MILLIS).day();
    Ok(Stats {
        issues: projects.iter().map(|project| project.issues).sum(),
        count: projects.iter().map(|project| project.count).sum(),
        projects,
        statuses,
        sources,
        hours: collect(connection, hours, [week.millis()], period)?,
        days: collect(connection, days, [quarter.millis(), DAY_MILLIS], period)?,
    })
}
