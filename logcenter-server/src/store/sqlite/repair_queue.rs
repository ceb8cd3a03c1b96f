//! Finds issues that an agent may claim.

use super::rows;
use crate::domain::IssueId;
use crate::domain::Scope;
use crate::domain::repair::ClaimRequest;
use crate::store::StoreError;
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};

/// Issues found at once.
const AT_ONCE: usize = 16;

/// Narrows to what [`Repair::is_offered`](crate::domain::repair::Repair::is_offered) offers, so that what it withholds is
/// not read.
const OFFERED: &str = "(r.issue_id IS NULL OR (r.lease_expires_at IS NULL AND r.publication_branch IS NULL
     AND NOT r.given_up AND NOT r.awaiting_approval AND ifnull(r.not_before, 0) <= ?1))";

/// Some issues that a request asks for, besides those that were tried before: first what a person asked for, then what
/// was seen last.
pub(super) fn candidates(
    connection: &Connection,
    request: &ClaimRequest,
    tried: &[IssueId],
    now: Timestamp,
) -> std::result::Result<Vec<IssueId>, StoreError> {
    let (conditions, values) = conditions(request, tried, now);
    let mut found = Vec::new();
    for sql in [
        format!(
            "SELECT i.id FROM repairs r JOIN issues i ON i.id = r.issue_id
             WHERE r.requested_at IS NOT NULL AND {conditions} ORDER BY r.requested_at, i.id LIMIT {AT_ONCE}"
        ),
        format!(
            "SELECT i.id FROM issues i LEFT JOIN repairs r ON r.issue_id = i.id
             WHERE {conditions} ORDER BY i.last_seen DESC, i.id DESC LIMIT {AT_ONCE}"
        ),
    ] {
        let mut select = connection.prepare_cached(&sql)?;
        let rows = select.query_map(params_from_iter(&values), |row| row.get(0).map(IssueId))?;
        for id in rows.collect::<Result<Vec<_>>>()? {
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    Ok(found)
}

fn conditions(request: &ClaimRequest, tried: &[IssueId], now: Timestamp) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![now.millis().into()];
    let mut conditions = vec![OFFERED.to_owned()];
    let mut among = |column: &str, list: String| {
        values.push(list.into());
        conditions.push(format!("{column} IN (SELECT value FROM json_each(?{}))", values.len()));
    };
    among("i.status", rows::json_array(request.statuses.iter().map(|status: &Status| status.as_str())));
    among("i.source", rows::json_array(request.sources.iter().map(|source: &Source| source.as_str())));
    if let Some(min) = request.min_level {
        let levels = Level::ALL.iter().filter(|level| **level >= min).map(|level| level.as_str());
        among("i.level", rows::json_array(levels));
    }
    if let Some(projects) = &request.project_ids {
        among("i.project_id", rows::json_array(projects.iter().map(ProjectId::as_str)));
    }
    if let Scope::Projects(projects) = &request.scope {
        among("i.project_id", rows::json_array(projects.iter().map(ProjectId::as_str)));
    }
    if let Some(id) = request.issue_id {
        among("i.id", format!("[{id}]"));
    }
    let tried: Vec<String> = tried.iter().map(IssueId::to_string).collect();
    values.push(format!("[{}]", tried.join(",")).into());
    conditions.push(format!("i.id NOT IN (SELECT value FROM json_each(?{}))", values.len()));
    (conditions.join(" AND "), values)
}

/// Whether one of an issue's kept events came with a valid key.
pub(super) fn is_trusted(connection: &Connection, id: IssueId) -> Result<bool> {
    let mut select = connection.prepare_cached(
        "WITH RECURSIVE way (id, number, previous, payload_event) AS (
           SELECT e.id, e.number, e.previous, e.payload_event FROM issues i JOIN events e ON e.id = i.last_event
             WHERE i.id = ?1
           UNION ALL
           SELECT e.id, e.number, e.previous, e.payload_event FROM way JOIN events e ON e.id = way.previous
             WHERE e.issue_id = ?1 AND e.number < way.number
         )
         SELECT EXISTS (SELECT 1 FROM way JOIN events p ON p.id = ifnull(way.payload_event, way.id) WHERE p.trusted)",
    )?;
    select.query_row([id.0], |row| row.get(0))
}
