//! Counts.

use super::Postgres;
use super::fault::Result;
use super::issue_row;
use super::rows::{self, get, time, word};
use super::session::{Params, Session};
use crate::domain::overview::{MAX_REGRESSED, new_since};
use crate::domain::stats::{DAY_MILLIS, TOP_ENVIRONMENTS, days_since, hours_since};
use crate::domain::{
    EnvironmentCount, IssueCount, IssueId, IssueStats, IssueTotals, Overview, PeriodCount, Scope, SourceHour,
    StateCount, Stats,
};
use crate::store::{Statistics, StoreFuture};
use logcenter_core::{ProjectId, Timestamp};
use tokio_postgres::Row;

impl Statistics for Postgres {
    fn issue_stats(&self, id: IssueId, since: Timestamp) -> StoreFuture<'_, Option<IssueStats>> {
        self.read((id, since), |session, (id, since)| Box::pin(of_issue(session, *id, *since)))
    }

    fn issue_hours(
        &self,
        ids: Vec<IssueId>,
        since: Timestamp,
    ) -> StoreFuture<'_, Vec<(IssueId, PeriodCount)>> {
        self.read((ids, since), |session, (ids, since)| {
            Box::pin(async move {
                let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
                let sql = "SELECT issue_id, hour AS at, sum(count)::bigint AS count FROM issue_hours
                           WHERE issue_id = ANY($1) AND hour >= $2 AND count > 0 GROUP BY issue_id, hour ORDER BY issue_id, hour";
                let read = |row: &Row| Ok((rows::issue_id(row, "issue_id")?, period(row)?));
                collect(session, sql, &[&ids, &since.hour().millis()], read).await
            })
        })
    }

    fn stats(&self, scope: Scope, now: Timestamp) -> StoreFuture<'_, Stats> {
        self.read((scope, now), |session, (scope, now)| Box::pin(totals(session, scope, *now)))
    }

    fn state_counts(&self, project_id: Option<ProjectId>) -> StoreFuture<'_, Option<Vec<StateCount>>> {
        self.read(project_id, |session, project_id| {
            Box::pin(async move { state_counts(session, project_id.as_ref()).await.map(Some) })
        })
    }

    fn overview(&self, now: Timestamp, since: Timestamp) -> StoreFuture<'_, Overview> {
        self.read((now, since), |session, (now, since)| Box::pin(overview(session, *now, *since)))
    }
}

async fn collect<T>(
    session: &Session<'_>,
    sql: &str,
    params: Params<'_>,
    read: impl Fn(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    session.query(sql, params).await?.iter().map(read).collect()
}

fn period(row: &Row) -> Result<PeriodCount> {
    Ok(PeriodCount { at: time(row, "at")?, count: get(row, "count")? })
}

/// Event counts of an issue.
async fn of_issue(session: &Session<'_>, id: IssueId, since: Timestamp) -> Result<Option<IssueStats>> {
    if !issue_row::exists(session, id).await? {
        return Ok(None);
    }
    let hours =
        "SELECT hour AS at, sum(count)::bigint AS count FROM issue_hours WHERE issue_id = $1 AND hour >= $2 AND count > 0
                 GROUP BY hour ORDER BY hour";
    let days =
        "SELECT hour - hour % $2 AS at, sum(count)::bigint AS count FROM issue_hours WHERE issue_id = $1 AND count > 0
                GROUP BY 1 ORDER BY 1";
    let environments =
        "SELECT environment, sum(count)::bigint AS count, max(last_seen) AS last_seen FROM issue_hours
                        WHERE issue_id = $1 AND count > 0 GROUP BY environment ORDER BY 2 DESC, environment LIMIT $2";
    Ok(Some(IssueStats {
        hours: collect(session, hours, &[&id.0, &since.hour().millis()], period).await?,
        days: collect(session, days, &[&id.0, &DAY_MILLIS], period).await?,
        environments: collect(session, environments, &[&id.0, &i64::from(TOP_ENVIRONMENTS)], |row| {
            Ok(EnvironmentCount {
                environment: get(row, "environment")?,
                count: get(row, "count")?,
                last_seen: time(row, "last_seen")?,
            })
        })
        .await?,
    }))
}

/// Totals across the projects of a scope.
async fn totals(session: &Session<'_>, scope: &Scope, now: Timestamp) -> Result<Stats> {
    let ids: Option<Vec<&str>> = match scope {
        Scope::All => None,
        Scope::Projects(projects) => Some(projects.iter().map(ProjectId::as_str).collect()),
    };
    let within = "($1::text[] IS NULL OR project_id = ANY($1))";
    let totals = format!(
        "SELECT project_id, status, source, count(*) AS issues, sum(count)::bigint AS count FROM issues WHERE {within}
         GROUP BY 1, 2, 3"
    );
    let totals = collect(session, &totals, &[&ids], |row| {
        Ok(IssueTotals {
            project_id: rows::project_id(row)?,
            status: word(row, "status")?,
            source: word(row, "source")?,
            issues: get(row, "issues")?,
            count: get(row, "count")?,
        })
    })
    .await?;
    let hours = format!(
        "SELECT hour AS at, sum(count)::bigint AS count FROM project_hours WHERE {within} AND hour >= $2
         GROUP BY hour HAVING sum(count) > 0 ORDER BY hour"
    );
    let days = format!(
        "SELECT hour - hour % $3 AS at, sum(count)::bigint AS count FROM project_hours WHERE {within} AND hour >= $2
         GROUP BY 1 HAVING sum(count) > 0 ORDER BY 1"
    );
    let hours = collect(session, &hours, &[&ids, &hours_since(now).millis()], period).await?;
    let days = collect(session, &days, &[&ids, &days_since(now).millis(), &DAY_MILLIS], period).await?;
    Ok(Stats::of(&totals, hours, days))
}

async fn state_counts(session: &Session<'_>, project_id: Option<&ProjectId>) -> Result<Vec<StateCount>> {
    let project_id = project_id.map(ProjectId::as_str);
    let of_project = if project_id.is_some() { "project_id = $1" } else { "$1::text IS NULL" };
    let sql = format!(
        "SELECT status, sum(issues)::bigint AS issues, sum(regressed)::bigint AS regressed FROM (
           SELECT status, issues, 0 AS regressed FROM issue_counts WHERE {of_project}
           UNION ALL
           SELECT status, 0, count(*) FROM issues WHERE regressions > 0 AND {of_project} GROUP BY status) AS counts
         GROUP BY status HAVING sum(issues) > 0 ORDER BY status"
    );
    let read = |row: &Row| {
        let (issues, regressed) = (get(row, "issues")?, get(row, "regressed")?);
        Ok(StateCount { status: word(row, "status")?, issues, regressed })
    };
    collect(session, &sql, &[&project_id], read).await
}

async fn overview(session: &Session<'_>, now: Timestamp, since: Timestamp) -> Result<Overview> {
    let day_ago = new_since(now).millis();
    let counts = "SELECT project_id, status, source, sum(issues)::bigint AS issues FROM issue_counts
                  GROUP BY 1, 2, 3 HAVING sum(issues) > 0 ORDER BY 1, 2, 3";
    let hours = "SELECT hour AS at, source, sum(count)::bigint AS count FROM project_hours WHERE hour >= $1
                 GROUP BY hour, source ORDER BY hour, source";
    let projects = "SELECT project_id, sum(count)::bigint AS count FROM project_hours WHERE hour > $1 GROUP BY project_id ORDER BY 1";
    // Same condition as in `HistoryEntry::is_regression`.
    let regressed = r#"SELECT issue_id FROM history WHERE at >= $1 AND role = 'server' AND "to" = 'NEW'
                       AND "from" IN ('FIXED', 'VERIFIED', 'DEPLOYED') GROUP BY issue_id ORDER BY max(id) DESC LIMIT $2"#;
    let new = "SELECT count(*) AS new FROM issues WHERE first_seen >= $1";
    Ok(Overview {
        counts: collect(session, counts, &[], |row| {
            Ok(IssueCount {
                project_id: rows::project_id(row)?,
                status: word(row, "status")?,
                source: word(row, "source")?,
                issues: get(row, "issues")?,
            })
        })
        .await?,
        hours: collect(session, hours, &[&since.hour().millis()], |row| {
            Ok(SourceHour { at: time(row, "at")?, source: word(row, "source")?, count: get(row, "count")? })
        })
        .await?,
        projects: collect(session, projects, &[&day_ago], |row| {
            Ok((rows::project_id(row)?, get(row, "count")?))
        })
        .await?,
        new: get(&session.one(new, &[&day_ago]).await?, "new")?,
        regressed: collect(session, regressed, &[&day_ago, &i64::from(MAX_REGRESSED)], |row| {
            rows::issue_id(row, "issue_id")
        })
        .await?,
    })
}
