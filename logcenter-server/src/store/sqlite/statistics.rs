//! Counts.

use super::Sqlite;
use super::rows::{self, time, word};
use crate::domain::overview::{MAX_REGRESSED, new_since};
use crate::domain::stats::{DAY_MILLIS, TOP_ENVIRONMENTS, days_since, hours_since};
use crate::domain::{
    EnvironmentCount, IssueCount, IssueId, IssueStats, IssueTotals, Overview, PeriodCount, Scope, SourceHour,
    StateCount, Stats,
};
use crate::store::{Statistics, StoreError, StoreFuture};
use logcenter_core::{ProjectId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params, params_from_iter};

impl Statistics for Sqlite {
    fn issue_stats(&self, id: IssueId, since: Timestamp) -> StoreFuture<'_, Option<IssueStats>> {
        self.read(move |connection, _| of_issue(connection, id, since))
    }

    fn issue_hours(
        &self,
        ids: Vec<IssueId>,
        since: Timestamp,
    ) -> StoreFuture<'_, Vec<(IssueId, PeriodCount)>> {
        self.read(move |connection, _| of_issues(connection, ids, since))
    }

    fn stats(&self, scope: Scope, now: Timestamp) -> StoreFuture<'_, Stats> {
        self.read(move |connection, _| totals(connection, &scope, now))
    }

    fn state_counts(&self, project_id: Option<ProjectId>) -> StoreFuture<'_, Option<Vec<StateCount>>> {
        self.read(move |connection, _| state_counts(connection, project_id.as_ref()))
    }

    fn overview(&self, now: Timestamp, since: Timestamp) -> StoreFuture<'_, Overview> {
        self.read(move |connection, _| overview(connection, now, since))
    }
}

fn collect<T>(
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

/// Event counts of an issue.
fn of_issue(
    connection: &Connection,
    id: IssueId,
    since: Timestamp,
) -> std::result::Result<Option<IssueStats>, StoreError> {
    let exists = connection.query_row("SELECT 1 FROM issues WHERE id = ?1", [id.0], |_| Ok(())).optional()?;
    if exists.is_none() {
        return Ok(None);
    }
    let hours = "SELECT hour AS at, sum(count) AS count FROM issue_hours WHERE issue_id = ?1 AND hour >= ?2
                 AND count > 0 GROUP BY hour ORDER BY hour";
    let days = "SELECT hour - hour % ?2 AS at, sum(count) AS count FROM issue_hours WHERE issue_id = ?1
                AND count > 0 GROUP BY 1 ORDER BY 1";
    let environments = "SELECT environment, sum(count) AS count, max(last_seen) AS last_seen FROM issue_hours
                        WHERE issue_id = ?1 AND count > 0 GROUP BY environment ORDER BY 2 DESC, environment LIMIT ?2";
    Ok(Some(IssueStats {
        hours: collect(connection, hours, [id.0, since.hour().millis()], period)?,
        days: collect(connection, days, [id.0, DAY_MILLIS], period)?,
        environments: collect(connection, environments, [id.0, i64::from(TOP_ENVIRONMENTS)], |row| {
            Ok(EnvironmentCount {
                environment: row.get("environment")?,
                count: row.get("count")?,
                last_seen: time(row, "last_seen")?,
            })
        })?,
    }))
}

/// Event counts of some issues by hour since `since`.
fn of_issues(
    connection: &Connection,
    mut ids: Vec<IssueId>,
    since: Timestamp,
) -> std::result::Result<Vec<(IssueId, PeriodCount)>, StoreError> {
    ids.sort_unstable();
    let mut select = connection.prepare_cached(
        "SELECT hour AS at, sum(count) AS count FROM issue_hours WHERE issue_id = ?1 AND hour >= ?2 AND count > 0
         GROUP BY hour ORDER BY hour",
    )?;
    let mut hours = Vec::new();
    for id in ids {
        for hour in select.query_map([id.0, since.hour().millis()], period)? {
            hours.push((id, hour?));
        }
    }
    Ok(hours)
}

/// Totals across the projects of a scope.
fn totals(connection: &Connection, scope: &Scope, now: Timestamp) -> std::result::Result<Stats, StoreError> {
    let (within, ids) = match scope {
        Scope::All => ("?1 IS NULL", None),
        Scope::Projects(projects) => (
            "project_id IN (SELECT value FROM json_each(?1))",
            Some(rows::json_array(projects.iter().map(ProjectId::as_str))),
        ),
    };
    let totals = format!(
        "SELECT project_id, status, source, count(*) AS issues, sum(count) AS count FROM issues WHERE {within}
         GROUP BY 1, 2, 3"
    );
    let totals = collect(connection, &totals, [&ids], |row| {
        Ok(IssueTotals {
            project_id: rows::project_id(row)?,
            status: word(row, "status")?,
            source: word(row, "source")?,
            issues: row.get("issues")?,
            count: row.get("count")?,
        })
    })?;
    let hours = format!(
        "SELECT hour AS at, sum(count) AS count FROM project_hours WHERE {within} AND hour >= ?2
         GROUP BY hour HAVING sum(count) > 0 ORDER BY hour"
    );
    let days = format!(
        "SELECT hour - hour % ?3 AS at, sum(count) AS count FROM project_hours WHERE {within} AND hour >= ?2
         GROUP BY 1 HAVING sum(count) > 0 ORDER BY 1"
    );
    let hours = collect(connection, &hours, params![ids, hours_since(now).millis()], period)?;
    let days = collect(connection, &days, params![ids, days_since(now).millis(), DAY_MILLIS], period)?;
    Ok(Stats::of(&totals, hours, days))
}

fn state_counts(
    connection: &Connection,
    project_id: Option<&ProjectId>,
) -> std::result::Result<Option<Vec<StateCount>>, StoreError> {
    /// Counting these takes a millisecond; a page must not take the longer the more issues there are.
    const MOST: i64 = 20_000;
    let of_project = if project_id.is_some() { "project_id = ?1" } else { "TRUE" };
    let params = || params_from_iter(project_id.map(ProjectId::as_str));
    let many =
        format!("SELECT 1 FROM issues INDEXED BY issues_project WHERE {of_project} LIMIT 1 OFFSET {MOST}");
    if connection.prepare_cached(&many)?.exists(params())? {
        return Ok(None);
    }
    let sql = format!(
        "SELECT status, sum(issues) AS issues, sum(regressed) AS regressed FROM (
           SELECT status, count(*) AS issues, 0 AS regressed FROM issues INDEXED BY issues_project
             WHERE {of_project} GROUP BY project_id, status
           UNION ALL
           SELECT status, 0, count(*) FROM issues INDEXED BY issues_regressed
             WHERE regressions > 0 AND {of_project} GROUP BY status)
         GROUP BY status ORDER BY status"
    );
    let counts = collect(connection, &sql, params(), |row| {
        let (issues, regressed) = (row.get("issues")?, row.get("regressed")?);
        Ok(StateCount { status: word(row, "status")?, issues, regressed })
    });
    Ok(Some(counts?))
}

fn overview(
    connection: &Connection,
    now: Timestamp,
    since: Timestamp,
) -> std::result::Result<Overview, StoreError> {
    let day_ago = new_since(now).millis();
    let counts = "SELECT project_id, status, source, count(*) AS issues FROM issues INDEXED BY issues_project
                  GROUP BY project_id, status, source";
    let hours = "SELECT hour AS at, source, sum(count) AS count FROM project_hours WHERE hour >= ?1
                 GROUP BY hour, source ORDER BY hour";
    let projects =
        "SELECT project_id, sum(count) AS count FROM project_hours WHERE hour > ?1 GROUP BY project_id";
    // Same condition as in `HistoryEntry::is_regression`.
    let regressed = r#"SELECT issue_id FROM history WHERE at >= ?1 AND role = 'server' AND "to" = 'NEW'
                       AND "from" IN ('FIXED', 'VERIFIED', 'DEPLOYED') GROUP BY issue_id ORDER BY max(id) DESC LIMIT ?2"#;
    let new = "SELECT count(*) FROM issues WHERE first_seen >= ?1";
    Ok(Overview {
        counts: collect(connection, counts, [], |row| {
            Ok(IssueCount {
                project_id: rows::project_id(row)?,
                status: word(row, "status")?,
                source: word(row, "source")?,
                issues: row.get("issues")?,
            })
        })?,
        hours: collect(connection, hours, [since.hour().millis()], |row| {
            Ok(SourceHour { at: time(row, "at")?, source: word(row, "source")?, count: row.get("count")? })
        })?,
        projects: collect(connection, projects, [day_ago], |row| {
            Ok((rows::project_id(row)?, row.get("count")?))
        })?,
        new: connection.prepare_cached(new)?.query_row([day_ago], |row| row.get(0))?,
        regressed: collect(connection, regressed, [day_ago, i64::from(MAX_REGRESSED)], |row| {
            row.get(0).map(IssueId)
        })?,
    })
}
