//! Counts: what events add to their issue's row, to its hours and to the hours of its project.
//!
//! The three are written together, so an issue's row tells which events they include: those up to number `events`. An
//! event that only repeats the payload of the one before is not counted at once: its row in `events` makes it durable,
//! and its counts are written together with those of many others. If the process ends before that, they are counted
//! again from `events`.

use super::issue_row;
use super::known::{CachedIssue, StoredIssue};
use crate::domain::IssueId;
use crate::domain::recording::{HourCount, counted_environment};
use crate::store::StoreError;
use logcenter_core::{ProjectId, Source, Timestamp};
use rusqlite::{CachedStatement, Result, Transaction, params};

/// The number of events of a project and source in one hour.
struct ProjectHour {
    hour: Timestamp,
    project_id: ProjectId,
    source: Source,
    count: i64,
}

/// The statements that write counts, prepared once for many issues.
pub(super) struct Counts<'a> {
    transaction: &'a Transaction<'a>,
    count_issue: CachedStatement<'a>,
    count_hour: CachedStatement<'a>,
    has_environment: CachedStatement<'a>,
    add_environment: CachedStatement<'a>,
    project_hours: Vec<ProjectHour>,
}

impl<'a> Counts<'a> {
    pub(super) fn prepare(transaction: &'a Transaction<'a>) -> Result<Self> {
        Ok(Self {
            transaction,
            count_issue: transaction.prepare_cached(issue_row::COUNT)?,
            count_hour: transaction.prepare_cached(
                "INSERT INTO issue_hours AS h (issue_id, environment, hour, count, last_seen)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (issue_id, environment, hour) DO UPDATE SET count = h.count + excluded.count,
                   last_seen = max(h.last_seen, excluded.last_seen)",
            )?,
            has_environment: transaction
                .prepare_cached("SELECT 1 FROM issue_environments WHERE environment = ?1 AND issue_id = ?2")?,
            add_environment: transaction.prepare_cached(
                "INSERT INTO issue_environments (environment, issue_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?,
            project_hours: Vec::new(),
        })
    }

    /// Writes the counts of an issue whose payload has not changed.
    pub(super) fn write(&mut self, issue: &mut CachedIssue) -> Result<()> {
        issue_row::count(&mut self.count_issue, issue)?;
        self.write_hours(issue.state.id, &mut issue.stored)
    }

    /// Writes the hours of an issue whose row has been written.
    pub(super) fn write_hours(&mut self, id: IssueId, issue: &mut StoredIssue) -> Result<()> {
        for HourCount { environment, hour, count, last_seen } in issue.pending_hours.drain(..) {
            let environment = self.environment(id, &environment, &mut issue.known_environments)?;
            let row = params![id.0, environment, hour.millis(), count, last_seen.millis()];
            self.count_hour.execute(row)?;
            let same = |one: &&mut ProjectHour| {
                one.hour == hour && one.source == issue.source && one.project_id == issue.project_id
            };
            match self.project_hours.iter_mut().find(same) {
                Some(one) => one.count += count,
                None => {
                    let (project_id, source) = (issue.project_id.clone(), issue.source);
                    self.project_hours.push(ProjectHour { hour, project_id, source, count });
                }
            }
        }
        Ok(())
    }

    /// Writes that an issue was seen in an environment; returns the one to count it in.
    fn environment<'e>(
        &mut self,
        id: IssueId,
        environment: &'e str,
        known: &mut Option<u32>,
    ) -> Result<&'e str> {
        if *known != Some(0) && self.has_environment.exists(params![environment, id.0])? {
            return Ok(environment);
        }
        let before = match *known {
            Some(before) => before,
            None => self.environments(id)?,
        };
        let counted = counted_environment(environment, before);
        let is_added = self.add_environment.execute(params![counted, id.0])? > 0;
        *known = Some(before + u32::from(is_added));
        Ok(counted)
    }

    /// The number of environments that an issue has counts for; one look at the index for each.
    fn environments(&self, id: IssueId) -> Result<u32> {
        let mut select = self.transaction.prepare_cached(
            "WITH RECURSIVE known (environment) AS (
               SELECT min(environment) FROM issue_hours WHERE issue_id = ?1
               UNION ALL
               SELECT (SELECT min(environment) FROM issue_hours WHERE issue_id = ?1 AND environment > known.environment)
               FROM known WHERE known.environment IS NOT NULL)
             SELECT count(environment) FROM known",
        )?;
        select.query_row([id.0], |row| row.get(0))
    }

    /// Writes the hours of the projects.
    pub(super) fn finish(self) -> Result<()> {
        let mut upsert = self.transaction.prepare_cached(
            "INSERT INTO project_hours AS h (hour, project_id, source, count) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (hour, project_id, source) DO UPDATE SET count = h.count + excluded.count",
        )?;
        for ProjectHour { hour, project_id, source, count } in &self.project_hours {
            upsert.execute(params![hour.millis(), project_id.as_str(), source.as_str(), count])?;
        }
        Ok(())
    }
}

/// Writes all pending counts, in the order of the issues' rows.
pub(super) fn write_all<'a>(
    counts: &mut Counts<'_>,
    issues: impl Iterator<Item = &'a mut CachedIssue>,
) -> std::result::Result<(), StoreError> {
    let mut behind: Vec<&mut CachedIssue> =
        issues.filter(|issue| !issue.stored.pending_hours.is_empty()).collect();
    behind.sort_unstable_by_key(|issue| issue.state.id);
    for issue in behind {
        counts.write(issue)?;
    }
    Ok(())
}
