//! Counts by the hour become counts by the day, and closed issues lose what belongs to them.

use super::Postgres;
use super::fault::Result;
use super::rows;
use super::session::Session;
use crate::domain::IssueId;
use crate::domain::retention::{Retention, RetentionStep};
use crate::domain::stats::DAY_MILLIS;
use crate::store::StoreError;
use logcenter_core::{Status, Timestamp};

/// Issues looked at in one step.
const LOOKED_AT: i64 = 256;

/// Issues changed in one transaction, so that reports wait no longer than that.
const CHANGED_AT_ONCE: usize = 16;

/// What is found to do among some issues.
struct Due {
    /// Issues with counts by the hour that are old.
    hourly: Vec<IssueId>,
    /// Closed issues that were not seen for long.
    spent: Vec<IssueId>,
    /// The last issue that was looked at; `None` if there are no more.
    until: Option<IssueId>,
}

impl Postgres {
    /// One step of a pass.
    pub(super) async fn age(
        &self,
        retention: Retention,
        step: RetentionStep,
        now: Timestamp,
    ) -> std::result::Result<Option<RetentionStep>, StoreError> {
        let (hours, issues) = (retention.hours_until(now), retention.issues_until(now));
        let RetentionStep::Issues { after } = step else {
            return Ok(self.age_projects(hours).await?.then_some(RetentionStep::Projects));
        };
        let due = self.read((after, hours, issues), |session, (after, hours, issues)| {
            Box::pin(due(session, *after, *hours, *issues))
        });
        let Due { hourly, spent, until } = due.await?;
        for ids in hourly.chunks(CHANGED_AT_ONCE) {
            let rolled = self.write((ids.to_vec(), hours), |session, (ids, until)| {
                Box::pin(async move {
                    for id in ids {
                        roll_up(session, *id, *until).await?;
                    }
                    Ok(())
                })
            });
            rolled.await?;
        }
        for ids in spent.chunks(CHANGED_AT_ONCE) {
            let until = issues.unwrap_or(Timestamp::from_millis(0));
            let emptied = self.write((ids.to_vec(), until), |session, (ids, until)| {
                Box::pin(async move {
                    for id in ids {
                        empty(session, *id, *until).await?;
                    }
                    Ok(())
                })
            });
            emptied.await?;
        }
        Ok(Some(until.map_or(RetentionStep::Projects, |after| RetentionStep::Issues { after })))
    }

    /// Rolls one hour of all projects up, into one shard; returns whether there are more.
    async fn age_projects(&self, until: Timestamp) -> std::result::Result<bool, StoreError> {
        let rolled = self.write(until.millis(), |session, until| {
            Box::pin(async move {
                let sql = "SELECT hour FROM project_hours WHERE hour < $1 AND (hour % $2 <> 0 OR shard <> 0) ORDER BY hour LIMIT 1";
                let Some(row) = session.optional(sql, &[until, &DAY_MILLIS]).await? else { return Ok(false) };
                let hour: i64 = rows::get(&row, "hour")?;
                let sql = "WITH old AS (DELETE FROM project_hours WHERE hour = $1 RETURNING *)
                     INSERT INTO project_hours AS p (hour, project_id, source, shard, count)
                     SELECT hour - hour % $2, project_id, source, 0, sum(count) FROM old GROUP BY 1, 2, 3 ORDER BY 2, 3
                     ON CONFLICT (hour, project_id, source, shard) DO UPDATE SET count = p.count + excluded.count";
                session.execute(sql, &[&hour, &DAY_MILLIS]).await?;
                Ok(true)
            })
        });
        rolled.await
    }
}

/// What is to be done among the next issues.
async fn due(
    session: &Session<'_>,
    after: IssueId,
    hours: Timestamp,
    issues: Option<Timestamp>,
) -> Result<Due> {
    let last = "SELECT id FROM issues WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2";
    let last = session.optional(last, &[&after.0, &(LOOKED_AT - 1)]).await?;
    let until = last.map(|row| rows::issue_id(&row, "id")).transpose()?;
    let to = until.map_or(i64::MAX, |id| id.0);
    let sql = "SELECT DISTINCT issue_id AS id FROM issue_hours
               WHERE issue_id > $1 AND issue_id <= $2 AND hour < $3 AND hour % $4 <> 0 ORDER BY 1";
    let rows = session.query(sql, &[&after.0, &to, &hours.millis(), &DAY_MILLIS]).await?;
    let hourly = rows.iter().map(|row| rows::issue_id(row, "id")).collect::<Result<_>>()?;
    let mut spent = Vec::new();
    if let Some(issues) = issues {
        let sql = format!("SELECT id FROM issues WHERE id > $1 AND id <= $2 AND {} ORDER BY id", is_spent());
        for row in session.query(&sql, &[&after.0, &to, &issues.millis()]).await? {
            spent.push(rows::issue_id(&row, "id")?);
        }
    }
    Ok(Due { hourly, spent, until })
}

/// Whether an issue was closed before `$3` and not seen since, nothing waits for its fix, and there is something to delete.
fn is_spent() -> String {
    let closed: Vec<String> = Retention::closed().map(|status| format!("'{status}'")).collect();
    format!(
        "status IN ({}) AND last_seen < $3
         AND EXISTS (SELECT 1 FROM events WHERE issue_id = issues.id)
         AND NOT EXISTS (SELECT 1 FROM history WHERE issue_id = issues.id AND at >= $3)
         AND NOT (status = '{}' AND EXISTS
           (SELECT 1 FROM repairs WHERE issue_id = issues.id AND publication_branch IS NOT NULL))",
        closed.join(", "),
        Status::Fixed,
    )
}

/// Counts an issue's old hours by the day.
async fn roll_up(session: &Session<'_>, id: IssueId, until: Timestamp) -> Result<()> {
    // Guards its hours.
    if !session.exists("SELECT 1 FROM issues WHERE id = $1 FOR UPDATE", &[&id.0]).await? {
        return Ok(());
    }
    let sql = "WITH old AS (DELETE FROM issue_hours WHERE issue_id = $1 AND hour < $2 AND hour % $3 <> 0 RETURNING *)
         INSERT INTO issue_hours AS h (issue_id, environment, hour, count, last_seen)
         SELECT issue_id, environment, hour - hour % $3, sum(count), max(last_seen) FROM old GROUP BY 1, 2, 3
         ON CONFLICT (issue_id, environment, hour) DO UPDATE SET count = h.count + excluded.count,
           last_seen = greatest(h.last_seen, excluded.last_seen)";
    session.execute(sql, &[&id.0, &until.millis(), &DAY_MILLIS]).await.map(drop)
}

/// Deletes what belongs to a closed issue, but for what names it, counts it and says what became of it.
async fn empty(session: &Session<'_>, id: IssueId, until: Timestamp) -> Result<()> {
    let sql = format!("SELECT 1 FROM issues WHERE id > $1 AND id <= $2 AND {} FOR UPDATE", is_spent());
    // It may have come back meanwhile.
    if !session.exists(&sql, &[&(id.0 - 1), &id.0, &until.millis()]).await? {
        return Ok(());
    }
    for sql in [
        "DELETE FROM events WHERE issue_id = $1",
        // It is found by the environment that it was seen in last.
        "DELETE FROM issue_environments e USING issues i
           WHERE e.issue_id = $1 AND i.id = $1 AND e.environment <> i.environment",
        "DELETE FROM issue_hours WHERE issue_id = $1",
        "DELETE FROM artifacts WHERE attempt_id IN (SELECT id FROM attempts WHERE issue_id = $1)",
        "DELETE FROM attempts WHERE issue_id = $1",
    ] {
        session.execute(sql, &[&id.0]).await?;
    }
    // No later event refers to a payload that is gone.
    let sql = "UPDATE issues SET payload_number = $2, environments = 1 WHERE id = $1";
    session.execute(sql, &[&id.0, &i64::from(i32::MIN)]).await.map(drop)
}
