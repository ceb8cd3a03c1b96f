//! Finds issues that an agent may claim.

use super::fault::Result;
use super::rows::{self, get};
use super::session::Session;
use crate::domain::repair::ClaimRequest;
use crate::domain::{IssueId, Scope};
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};
use tokio_postgres::types::ToSql;

/// Issues found at once.
const AT_ONCE: usize = 64;

/// Narrows to what [`claim`](crate::domain::repair::claim) takes, so that what it does not take is not read.
const OFFERED: &str = "i.error_type <> 'ProjectInit' AND (r.issue_id IS NULL OR (r.lease_expires_at IS NULL
     AND r.publication_branch IS NULL AND NOT r.given_up AND NOT r.awaiting_approval
     AND coalesce(r.not_before, 0) <= $1))";

/// Some issues that a request asks for.
pub(super) struct Candidates {
    /// In the order in which they are offered.
    pub(super) ids: Vec<IssueId>,
    /// Where to look for more: when the last one was last seen, and its id. `None` at the end.
    pub(super) next: Option<(i64, i64)>,
}

type Values = Vec<Box<dyn ToSql + Sync + Send>>;

fn refer(values: &Values) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()
}

/// Some issues that a request asks for: first what a person asked for, then what was seen last, from `after` on.
pub(super) async fn candidates(
    session: &Session<'_>,
    request: &ClaimRequest,
    after: Option<(i64, i64)>,
    now: Timestamp,
) -> Result<Candidates> {
    let (conditions, mut values) = conditions(request, now);
    let mut ids = Vec::new();
    if after.is_none() {
        let sql = format!(
            "SELECT i.id FROM repairs r JOIN issues i ON i.id = r.issue_id
             WHERE r.requested_at IS NOT NULL AND {conditions} ORDER BY r.requested_at, i.id LIMIT {AT_ONCE}"
        );
        for row in session.query(&sql, &refer(&values)).await? {
            ids.push(rows::issue_id(&row, "id")?);
        }
    }
    let (last_seen, id) = after.unwrap_or((i64::MAX, i64::MAX));
    values.push(Box::new(last_seen));
    values.push(Box::new(id));
    let at = values.len();
    let sql = format!(
        "SELECT i.id, i.last_seen FROM issues i LEFT JOIN repairs r ON r.issue_id = i.id
         WHERE {conditions} AND (i.last_seen, i.id) < (${key}, ${at}) AND i.last_seen_step <= ${key} / 300000
         ORDER BY i.last_seen_step DESC, i.last_seen DESC, i.id DESC LIMIT {AT_ONCE}",
        key = at - 1
    );
    let rows = session.query(&sql, &refer(&values)).await?;
    let read = |row| Ok((get::<i64>(row, "last_seen")?, get::<i64>(row, "id")?));
    let page = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let next = page.last().copied().filter(|_| page.len() == AT_ONCE);
    ids.extend(page.into_iter().map(|(_, id)| IssueId(id)));
    if request.trusted {
        ids = trusted(session, &ids).await?;
    }
    Ok(Candidates { ids, next })
}

fn conditions(request: &ClaimRequest, now: Timestamp) -> (String, Values) {
    let mut values: Values = vec![Box::new(now.millis())];
    let mut conditions = vec![OFFERED.to_owned()];
    let mut among = |column: &str, words: Vec<String>| {
        values.push(Box::new(words));
        conditions.push(format!("{column} = ANY(${})", values.len()));
    };
    among("i.status", request.statuses.iter().map(|status: &Status| status.as_str().to_owned()).collect());
    among("i.source", request.sources.iter().map(|source: &Source| source.as_str().to_owned()).collect());
    if let Some(min) = request.min_level {
        let levels = Level::ALL.iter().filter(|level| **level >= min);
        among("i.level", levels.map(|level| level.as_str().to_owned()).collect());
    }
    let named = |projects: &[ProjectId]| projects.iter().map(|id| id.as_str().to_owned()).collect();
    if let Some(projects) = &request.project_ids {
        among("i.project_id", named(projects));
    }
    if let Scope::Projects(projects) = &request.scope {
        among("i.project_id", named(projects));
    }
    if let Some(id) = request.issue_id {
        values.push(Box::new(id.0));
        conditions.push(format!("i.id = ${}", values.len()));
    }
    (conditions.join(" AND "), values)
}

/// Those of some issues of which one kept event came with a valid key.
async fn trusted(session: &Session<'_>, ids: &[IssueId]) -> Result<Vec<IssueId>> {
    let asked: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let sql = "SELECT id FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, row)
               WHERE EXISTS (SELECT 1 FROM issues i JOIN events e ON e.issue_id = i.id
                   AND (e.number = 1 OR e.number > i.events - $2)
                 JOIN events p ON p.issue_id = i.id AND p.number = coalesce(e.payload_number, e.number)
                 WHERE i.id = asked.id AND p.trusted)
               ORDER BY row";
    let rows = session.query(sql, &[&asked, &session.shared.kept_events]).await?;
    rows.iter().map(|row| rows::issue_id(row, "id")).collect()
}
