//! Counts: what events add to the row of their issue, to its hours and to the hours of its project.
//!
//! The three are written together, and so an issue's row says which of its events are in them: those up to number
//! `events`. An event that only repeats what its issue showed before is not counted at once: with its row in `events` it is
//! durable, and its counts are written with those of many others ([`settle`]). Should the process end before that, they are
//! counted again from `events` ([`replay`]).

use super::events::Trail;
use super::issue_row;
use super::memory::{KnownIssue, Memory};
use super::rows::time;
use logcenter_core::{Fingerprint, ProjectId, Source, Timestamp};
use rusqlite::{CachedStatement, Result, Transaction, params};

/// What an issue counted in one hour of one environment, and is not written yet.
#[derive(Debug, Clone)]
pub(super) struct Hour {
    environment: Box<str>,
    at: Timestamp,
    count: i64,
    last_seen: Timestamp,
}

/// Adds an event to what is to be written.
pub(super) fn add(hours: &mut Vec<Hour>, environment: &str, at: Timestamp, count: i64) {
    match hours.iter_mut().find(|hour| hour.at == at.hour() && *hour.environment == *environment) {
        Some(hour) => {
            hour.count += count;
            hour.last_seen = hour.last_seen.max(at);
        }
        None => hours.push(Hour { environment: environment.into(), at: at.hour(), count, last_seen: at }),
    }
}

/// What was counted for a project and source in one hour.
struct ProjectHour {
    at: Timestamp,
    project_id: ProjectId,
    source: Source,
    count: i64,
}

/// The statements that write counts, prepared once for many issues.
pub(super) struct Counts<'a> {
    transaction: &'a Transaction<'a>,
    count_issue: CachedStatement<'a>,
    count_hour: CachedStatement<'a>,
    see_environment: CachedStatement<'a>,
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
            see_environment: transaction.prepare_cached(
                "INSERT INTO issue_environments (environment, issue_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?,
            project_hours: Vec::new(),
        })
    }

    /// Writes the row of an issue that looks as it did, and its hours.
    pub(super) fn write(&mut self, issue: &mut KnownIssue) -> Result<()> {
        issue_row::count(&mut self.count_issue, issue)?;
        self.write_hours(issue)
    }

    /// Writes the hours of an issue whose row was written.
    pub(super) fn write_hours(&mut self, issue: &mut KnownIssue) -> Result<()> {
        for Hour { environment, at, count, last_seen } in issue.uncounted.drain(..) {
            let row = params![issue.state.id, environment, at.millis(), count, last_seen.millis()];
            self.count_hour.execute(row)?;
            self.see_environment.execute(params![environment, issue.state.id])?;
            let same = |one: &&mut ProjectHour| {
                one.at == at && one.source == issue.source && one.project_id == issue.project_id
            };
            match self.project_hours.iter_mut().find(same) {
                Some(one) => one.count += count,
                None => {
                    let (project_id, source) = (issue.project_id.clone(), issue.source);
                    self.project_hours.push(ProjectHour { at, project_id, source, count });
                }
            }
        }
        Ok(())
    }

    /// Writes the hours of the projects.
    pub(super) fn finish(self) -> Result<()> {
        let mut upsert = self.transaction.prepare_cached(
            "INSERT INTO project_hours AS h (hour, project_id, source, count) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (hour, project_id, source) DO UPDATE SET count = h.count + excluded.count",
        )?;
        for ProjectHour { at, project_id, source, count } in &self.project_hours {
            upsert.execute(params![at.millis(), project_id.as_str(), source.as_str(), count])?;
        }
        Ok(())
    }
}

/// Writes what is not written yet, of all issues, which then are up to the event `last_event`.
pub(super) fn settle<'a>(
    transaction: &Transaction<'_>,
    issues: impl Iterator<Item = &'a mut KnownIssue>,
    last_event: i64,
) -> Result<()> {
    let mut behind: Vec<&mut KnownIssue> = issues.filter(|issue| !issue.uncounted.is_empty()).collect();
    behind.sort_unstable_by_key(|issue| issue.state.id);
    let mut counts = Counts::prepare(transaction)?;
    for issue in behind {
        counts.write(issue)?;
    }
    counts.finish()?;
    transaction.prepare_cached("UPDATE settled_events SET last_id = ?1")?.execute([last_event])?;
    Ok(())
}

/// Counts the events that a process before, or a transaction that was rolled back, left uncounted.
pub(super) fn replay(transaction: &Transaction<'_>, memory: &mut Memory) -> Result<()> {
    let mut select = transaction.prepare_cached(
        "SELECT e.id, e.issue_id, e.number, e.at, e.count, e.looks_event, l.environment, i.fingerprint
         FROM events e JOIN issues i ON i.id = e.issue_id JOIN events l ON l.id = ifnull(e.looks_event, e.id)
         WHERE e.id > (SELECT last_id FROM settled_events) AND e.number > i.events ORDER BY e.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let fingerprint = Fingerprint::from_bytes(row.get("fingerprint")?);
        let mut issue = match memory.take(fingerprint) {
            Some(issue) => issue,
            None => issue_row::read(transaction, row.get("issue_id")?)?,
        };
        let (at, count) = (time(row, "at")?, row.get("count")?);
        let (id, number): (i64, i64) = (row.get("id")?, row.get("number")?);
        issue.state.count += count;
        issue.state.events = number;
        issue.state.last_seen = issue.state.last_seen.max(at);
        issue.trail.last_event = id;
        if row.get::<_, Option<i64>>("looks_event")?.is_none() {
            issue.trail = Trail { looks_event: id, looks_number: number, ..issue.trail };
        }
        add(&mut issue.uncounted, row.get_ref("environment")?.as_str()?, at, count);
        memory.remember(fingerprint, issue);
    }
    Ok(())
}
