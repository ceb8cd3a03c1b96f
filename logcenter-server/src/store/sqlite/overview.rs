//! What is worth a look.

use super::rows::{self, time, word};
use super::stats::{DAY_MILLIS, collect};
use crate::domain::{IssueCount, Overview, SourceHour};
use crate::store::StoreError;
use logcenter_core::Timestamp;
use rusqlite::Connection;

/// How many issues that came back are named.
const REGRESSED: i64 = 1000;

pub(super) fn overview(
    connection: &Connection,
    now: Timestamp,
    since: Timestamp,
) -> Result<Overview, StoreError> {
    let day_ago = now.minus_millis(DAY_MILLIS).millis();
    let counts = "SELECT project_id, status, source, count(*) AS issues FROM issues INDEXED BY issues_project
                  GROUP BY project_id, status, source";
    let hours = "SELECT hour AS at, source, sum(count) AS count FROM project_hours WHERE hour >= ?1
                 GROUP BY hour, source ORDER BY hour";
    let projects =
        "SELECT project_id, sum(count) AS count FROM project_hours WHERE hour > ?1 GROUP BY project_id";
    let regressed = r#"SELECT issue_id FROM history WHERE at >= ?1 AND actor = 'server' AND "to" = 'NEW'
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
        regressed: collect(connection, regressed, [day_ago, REGRESSED], |row| row.get(0))?,
    })
}
