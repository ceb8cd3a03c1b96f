//! Counts by the hour become counts by the day, and closed issues lose what belongs to them.

use super::session::Session;
use super::{Sqlite, delete, search};
use crate::domain::IssueId;
use crate::domain::retention::{Retention, RetentionStep};
use crate::domain::stats::DAY_MILLIS;
use crate::store::StoreError;
use logcenter_core::{Status, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, Transaction, params};

/// Issues looked at in one step: by a reader, which holds nobody up.
const LOOKED_AT: i64 = 256;

/// Issues changed in one transaction, so that reports wait no longer than that.
const CHANGED_AT_ONCE: usize = 16;

/// What a reader found to do among some issues.
struct Due {
    /// Issues with counts by the hour that are old.
    hourly: Vec<IssueId>,
    /// Closed issues that were not seen for long.
    spent: Vec<IssueId>,
    /// The last issue that was looked at; `None` if there are no more.
    until: Option<IssueId>,
}

impl Sqlite {
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
        let due = self.peek(move |connection| Ok(due(connection, after, hours, issues)?)).await?;
        for ids in due.hourly.chunks(CHANGED_AT_ONCE) {
            let ids = ids.to_vec();
            self.writer
                .run(move |session| {
                    Ok(ids.iter().try_for_each(|id| roll_up(&session.transaction, *id, hours))?)
                })
                .await?;
        }
        for ids in due.spent.chunks(CHANGED_AT_ONCE) {
            let (ids, until) = (ids.to_vec(), issues.unwrap_or(Timestamp::from_millis(0)));
            self.writer.run(move |session| ids.iter().try_for_each(|id| empty(session, *id, until))).await?;
        }
        Ok(Some(due.until.map_or(RetentionStep::Projects, |after| RetentionStep::Issues { after })))
    }

    /// Rolls one hour of all projects up; returns whether there are more.
    async fn age_projects(&self, until: Timestamp) -> std::result::Result<bool, StoreError> {
        let oldest = self.peek(move |connection| {
            let sql =
                "SELECT hour FROM project_hours WHERE hour < ?1 AND hour % ?2 <> 0 ORDER BY hour LIMIT 1";
            let mut select = connection.prepare_cached(sql)?;
            Ok(select.query_row([until.millis(), DAY_MILLIS], |row| row.get::<_, i64>(0)).optional()?)
        });
        let Some(hour) = oldest.await? else { return Ok(false) };
        let roll = self.writer.run(move |session| {
            session.transaction.execute(
                "INSERT INTO project_hours AS p (hour, project_id, source, count)
                 SELECT hour - hour % ?2, project_id, source, count FROM project_hours WHERE hour = ?1
                 ON CONFLICT (hour, project_id, source) DO UPDATE SET count = p.count + excluded.count",
                [hour, DAY_MILLIS],
            )?;
            session.transaction.execute("DELETE FROM project_hours WHERE hour = ?1", [hour])?;
            Ok(true)
        });
        roll.await
    }
}

/// What is to be done among the next issues.
fn due(connection: &Connection, after: IssueId, hours: Timestamp, issues: Option<Timestamp>) -> Result<Due> {
    let mut last =
        connection.prepare_cached("SELECT id FROM issues WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2")?;
    let until = last.query_row([after.0, LOOKED_AT - 1], |row| row.get(0).map(IssueId)).optional()?;
    let to = until.map_or(i64::MAX, |id| id.0);
    let mut select = connection.prepare_cached(
        "SELECT DISTINCT issue_id FROM issue_hours WHERE issue_id > ?1 AND issue_id <= ?2 AND hour < ?3 AND hour % ?4 <> 0",
    )?;
    let id = |row: &rusqlite::Row<'_>| row.get(0).map(IssueId);
    let hourly = select.query_map([after.0, to, hours.millis(), DAY_MILLIS], id)?.collect::<Result<_>>()?;
    let mut spent = Vec::new();
    if let Some(issues) = issues {
        let mut select = connection.prepare_cached(&format!(
            "SELECT id FROM issues WHERE id > ?1 AND id <= ?2 AND {}",
            is_spent()
        ))?;
        spent = select.query_map([after.0, to, issues.millis()], id)?.collect::<Result<_>>()?;
    }
    Ok(Due { hourly, spent, until })
}

/// Whether an issue was closed before `?3` and not seen since, nothing waits for its fix, and there is something to delete.
fn is_spent() -> String {
    let closed: Vec<String> = Retention::closed().map(|status| format!("'{status}'")).collect();
    format!(
        "last_event <> 0 AND status IN ({}) AND last_seen < ?3
         AND NOT EXISTS (SELECT 1 FROM history WHERE issue_id = issues.id AND at >= ?3)
         AND NOT (status = '{}' AND EXISTS
           (SELECT 1 FROM repairs WHERE issue_id = issues.id AND publication_branch IS NOT NULL))",
        closed.join(", "),
        Status::Fixed,
    )
}

/// Counts an issue's old hours by the day.
fn roll_up(transaction: &Transaction<'_>, id: IssueId, until: Timestamp) -> Result<()> {
    let old = "issue_id = ?1 AND hour < ?2 AND hour % ?3 <> 0";
    let mut insert = transaction.prepare_cached(&format!(
        "INSERT INTO issue_hours AS h (issue_id, environment, hour, count, last_seen)
         SELECT issue_id, environment, hour - hour % ?3, sum(count), max(last_seen) FROM issue_hours WHERE {old}
         GROUP BY 1, 2, 3
         ON CONFLICT (issue_id, environment, hour) DO UPDATE SET count = h.count + excluded.count,
           last_seen = max(h.last_seen, excluded.last_seen)"
    ))?;
    let row = params![id.0, until.millis(), DAY_MILLIS];
    insert.execute(row)?;
    transaction.prepare_cached(&format!("DELETE FROM issue_hours WHERE {old}"))?.execute(row)?;
    Ok(())
}

/// Deletes what belongs to a closed issue, but for what names it, counts it and says what became of it.
fn empty(session: &mut Session<'_>, id: IssueId, until: Timestamp) -> std::result::Result<(), StoreError> {
    // What was counted and is not written yet decides, too.
    if session.cache.is_pending(id) {
        session.flush()?;
    }
    let transaction = &session.transaction;
    let sql = format!("SELECT 1 FROM issues WHERE id > ?1 AND id <= ?2 AND {}", is_spent());
    // It may have come back meanwhile.
    if !transaction.prepare_cached(&sql)?.exists([id.0 - 1, id.0, until.millis()])? {
        return Ok(());
    }
    // From the events that go, if it was not done yet.
    search::index(transaction, id.0, false)?;
    delete::remove_events(transaction, id)?;
    for sql in [
        // It is found by the environment that it was seen in last, and that is known by an hour that counts nothing.
        "DELETE FROM issue_environments WHERE issue_id = ?1
           AND environment IN (SELECT environment FROM issue_hours WHERE issue_id = ?1)
           AND environment <> (SELECT environment FROM issues WHERE id = ?1)",
        "DELETE FROM issue_hours WHERE issue_id = ?1",
        "INSERT INTO issue_hours (issue_id, environment, hour, count, last_seen)
           SELECT id, environment, 0, 0, last_seen FROM issues WHERE id = ?1",
        "DELETE FROM artifacts WHERE attempt_id IN (SELECT id FROM attempts WHERE issue_id = ?1)",
        "DELETE FROM attempts WHERE issue_id = ?1",
    ] {
        transaction.prepare_cached(sql)?.execute([id.0])?;
    }
    // No later event refers to a payload that is gone.
    let forgotten = "UPDATE issues SET first_event = 0, last_event = 0, payload_event = 0, payload_number = ?2 WHERE id = ?1";
    transaction.prepare_cached(forgotten)?.execute([id.0, i64::from(i32::MIN)])?;
    session.cache.take(id);
    Ok(())
}
