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
const AT_ONCE: usize = 64;

/// Narrows to what [`claim`](crate::domain::repair::claim) takes, so that what it does not take is not read.
const OFFERED: &str = "i.error_type <> 'ProjectInit' AND (r.issue_id IS NULL OR (r.lease_expires_at IS NULL
     AND r.publication_branch IS NULL AND NOT r.given_up AND NOT r.awaiting_approval
     AND ifnull(r.not_before, 0) <= ?1))";

/// Some issues that a request asks for.
pub(super) struct Candidates {
    /// In the order in which they are offered.
    pub(super) ids: Vec<IssueId>,
    /// Where to look for more: when the last one was last seen, and its id. `None` at the end.
    pub(super) next: Option<(i64, i64)>,
}

/// Some issues that a request asks for: first what a person asked for, then what was seen last, from `after` on.
pub(super) fn candidates(
    connection: &Connection,
    request: &ClaimRequest,
    after: Option<(i64, i64)>,
    kept: i64,
    now: Timestamp,
) -> std::result::Result<Candidates, StoreError> {
    let (conditions, mut values) = conditions(request, now);
    let mut ids = Vec::new();
    if after.is_none() {
        let sql = format!(
            "SELECT i.id FROM repairs r JOIN issues i ON i.id = r.issue_id
             WHERE r.requested_at IS NOT NULL AND {conditions} ORDER BY r.requested_at, i.id LIMIT {AT_ONCE}"
        );
        let mut select = connection.prepare_cached(&sql)?;
        let rows = select.query_map(params_from_iter(&values), |row| row.get(0).map(IssueId))?;
        ids = rows.collect::<Result<Vec<_>>>()?;
    }
    let (last_seen, id) = after.unwrap_or((i64::MAX, i64::MAX));
    values.extend([last_seen.into(), id.into()]);
    let at = values.len();
    let sql = format!(
        "SELECT i.id, i.last_seen FROM issues i LEFT JOIN repairs r ON r.issue_id = i.id
         WHERE {conditions} AND (i.last_seen, i.id) < (?{}, ?{at})
         ORDER BY i.last_seen DESC, i.id DESC LIMIT {AT_ONCE}",
        at - 1
    );
    let mut select = connection.prepare_cached(&sql)?;
    let rows = select.query_map(params_from_iter(&values), |row| Ok((row.get(1)?, row.get(0)?)))?;
    let page = rows.collect::<Result<Vec<(i64, i64)>>>()?;
    let next = page.last().copied().filter(|_| page.len() == AT_ONCE);
    ids.extend(page.into_iter().map(|(_, id)| IssueId(id)));
    if request.trusted {
        let mut trusted = Vec::new();
        for id in ids {
            if is_trusted(connection, id, kept)? {
                trusted.push(id);
            }
        }
        ids = trusted;
    }
    Ok(Candidates { ids, next })
}

fn conditions(request: &ClaimRequest, now: Timestamp) -> (String, Vec<Value>) {
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
    (conditions.join(" AND "), values)
}

/// Whether one of an issue's kept events came with a valid key.
fn is_trusted(connection: &Connection, id: IssueId, kept: i64) -> Result<bool> {
    let mut select = connection.prepare_cached(
        "WITH RECURSIVE way (id, number, previous, payload_event) AS (
           SELECT e.id, e.number, e.previous, e.payload_event FROM issues i JOIN events e ON e.id = i.last_event
             WHERE i.id = ?1
           UNION ALL
           SELECT e.id, e.number, e.previous, e.payload_event FROM way JOIN events e ON e.id = way.previous
             WHERE e.issue_id = ?1 AND e.number < way.number
               AND e.number > (SELECT events FROM issues WHERE id = ?1) - ?2
         ),
         kept (payload) AS (
           SELECT ifnull(payload_event, id) FROM way
           UNION SELECT ifnull(e.payload_event, e.id) FROM issues i JOIN events e ON e.id = i.first_event
             WHERE i.id = ?1)
         SELECT EXISTS (SELECT 1 FROM kept JOIN events p ON p.id = kept.payload WHERE p.trusted)",
    )?;
    select.query_row([id.0, kept], |row| row.get(0))
}
