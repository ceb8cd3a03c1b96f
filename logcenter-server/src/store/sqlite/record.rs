//! Recording a batch of reports: everything that a report changes, in one transaction.

use super::events;
use super::writer::Session;
use crate::domain::{Arrival, IssueState, Outcome};
use crate::store::StoreError;
use logcenter_core::{Fingerprint, ProjectId, RegressionRule, Source, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, Transaction, params};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// How many releases of an issue are remembered.
const KEPT_RELEASES: i64 = 256;

/// How many projects the writer remembers.
const REMEMBERED_PROJECTS: usize = 4096;

/// What the writer remembers between batches. All of it is in the file, too: it may be forgotten at any time.
pub(super) struct Memory {
    next_id: Option<i64>,
    projects: HashMap<ProjectId, KnownProject>,
    kept_events: i64,
}

#[derive(Clone, Copy)]
struct KnownProject {
    rule: RegressionRule,
    has_repo_url: bool,
}

impl Memory {
    pub(super) fn load(connection: &Connection, kept_events: i64) -> Result<Self> {
        Ok(Self { next_id: Some(next_id(connection)?), projects: HashMap::new(), kept_events })
    }

    /// Forgets everything: a transaction was rolled back.
    pub(super) fn distrust(&mut self) {
        self.next_id = None;
        self.projects.clear();
    }

    /// Forgets what projects there are: one was edited or removed.
    pub(super) fn forget_projects(&mut self) {
        self.projects.clear();
    }

    fn take_id(&mut self, transaction: &Transaction<'_>) -> Result<i64> {
        let id = match self.next_id {
            Some(id) => id,
            None => next_id(transaction)?,
        };
        self.next_id = Some(id + 1);
        Ok(id)
    }
}

/// One more than the highest id that ever was.
fn next_id(connection: &Connection) -> Result<i64> {
    let highest = "SELECT max(highest_id, ifnull((SELECT max(id) FROM issues), 0)) + 1 FROM deleted_issues";
    connection.query_row(highest, [], |row| row.get(0))
}

pub(super) fn record(
    session: &mut Session<'_>,
    batch: &[Arrival],
) -> std::result::Result<Vec<Outcome>, StoreError> {
    let mut recorder =
        Recorder { transaction: &session.transaction, memory: session.memory, hours: BTreeMap::new() };
    let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
    let repeats = recorder.repeats(batch)?;
    let mut fresh: Vec<usize> = (0..batch.len()).filter(|&at| matches!(repeats[at], Repeat::No)).collect();
    fresh.sort_by_key(|&at| batch[at].report.fingerprint);
    for group in fresh.chunk_by(|&a, &b| batch[a].report.fingerprint == batch[b].report.fingerprint) {
        let arrivals: Vec<&Arrival> = group.iter().map(|&at| &batch[at]).collect();
        for (&at, outcome) in group.iter().zip(recorder.issue(&arrivals)?) {
            outcomes[at] = Some(outcome);
        }
    }
    for (at, repeat) in repeats.iter().enumerate() {
        let issue_id = match repeat {
            Repeat::No => continue,
            Repeat::OfIssue(id) => *id,
            Repeat::InBatch(first) => outcomes[*first].map_or(0, Outcome::id),
        };
        outcomes[at] = Some(recorder.repeated(issue_id)?);
    }
    recorder.remember_event_ids(batch, &outcomes)?;
    recorder.count_hours()?;
    Ok(outcomes.into_iter().flatten().collect())
}

/// Whether a report was sent before.
#[derive(Clone, Copy)]
enum Repeat {
    No,
    /// Earlier: it belongs to this issue.
    OfIssue(i64),
    /// In the same batch, at this place.
    InBatch(usize),
}

struct Recorder<'a> {
    transaction: &'a Transaction<'a>,
    memory: &'a mut Memory,
    hours: BTreeMap<(i64, ProjectId, Source), i64>,
}

impl Recorder<'_> {
    fn repeats(&self, batch: &[Arrival]) -> Result<Vec<Repeat>> {
        let mut seen: HashMap<(&ProjectId, &str), usize> = HashMap::new();
        let mut repeats = Vec::with_capacity(batch.len());
        for (at, Arrival { report, .. }) in batch.iter().enumerate() {
            let Some(event_id) = report.event_id.as_deref() else {
                repeats.push(Repeat::No);
                continue;
            };
            repeats.push(match seen.entry((&report.project_id, event_id)) {
                Entry::Occupied(first) => match repeats[*first.get()] {
                    Repeat::No => Repeat::InBatch(*first.get()),
                    earlier => earlier,
                },
                Entry::Vacant(vacant) => {
                    vacant.insert(at);
                    let mut select = self.transaction.prepare_cached(
                        "SELECT issue_id FROM event_ids WHERE project_id = ?1 AND event_id = ?2",
                    )?;
                    let known = select.query_row([report.project_id.as_str(), event_id], |row| row.get(0));
                    known.optional()?.map_or(Repeat::No, Repeat::OfIssue)
                }
            });
        }
        Ok(repeats)
    }

    /// Records the reports of one issue, in the order they came.
    fn issue(&mut self, arrivals: &[&Arrival]) -> Result<Vec<Outcome>> {
        let Some(&latest) = arrivals.last() else { return Ok(Vec::new()) };
        let first = arrivals[0];
        let project = self.project(first)?;
        if !project.has_repo_url {
            self.fill_repo_url(arrivals)?;
        }
        let found = find(self.transaction, first.report.fingerprint)?;
        let is_new = found.is_none();
        let (mut state, shown) = match found {
            Some((state, shown)) => (state, shown),
            None => {
                (IssueState::opened(self.memory.take_id(self.transaction)?, first.at()), Shown::default())
            }
        };
        let before = state.events;

        let mut outcomes = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            let from = state.status;
            let known = self.known_releases(&state, project.rule, arrival)?;
            let outcome =
                state.observe(arrival, project.rule, |release| known.iter().any(|one| one == release));
            if let Outcome::Regressed { .. } = outcome {
                super::change::regression(self.transaction, &state, from, arrival)?;
            }
            outcomes.push(outcome);
        }

        if is_new {
            insert(self.transaction, &state, latest)?;
        } else {
            update(self.transaction, &state, latest)?;
        }
        self.count(&state, arrivals)?;
        for arrival in arrivals {
            if !shown.includes(arrival) {
                self.remember_release(state.id, arrival)?;
            }
        }
        let kept = self.memory.kept_events;
        for (number, arrival) in (before + 1..).zip(arrivals) {
            if number == 1 || number > state.events - kept {
                events::insert(self.transaction, state.id, number, arrival)?;
            }
        }
        events::prune(self.transaction, state.id, before, state.events, kept)?;
        Ok(outcomes)
    }

    /// What is to know of the report's project, which is created if it is unknown.
    fn project(&mut self, arrival: &Arrival) -> Result<KnownProject> {
        let project_id = &arrival.report.project_id;
        if let Some(known) = self.memory.projects.get(project_id) {
            return Ok(*known);
        }
        let mut create = self.transaction.prepare_cached(
            "INSERT INTO projects (project_id, created_at, updated_at) VALUES (?1, ?2, ?2) ON CONFLICT DO NOTHING",
        )?;
        create.execute(params![project_id.as_str(), arrival.received_at.millis()])?;
        let mut select = self.transaction.prepare_cached(
            "SELECT regression_rule, repo_url IS NOT NULL AS has_repo_url FROM projects WHERE project_id = ?1",
        )?;
        let known = select.query_row([project_id.as_str()], |row| {
            Ok(KnownProject {
                rule: super::rows::word(row, "regression_rule")?,
                has_repo_url: row.get("has_repo_url")?,
            })
        })?;
        if self.memory.projects.len() >= REMEMBERED_PROJECTS {
            self.memory.projects.clear();
        }
        self.memory.projects.insert(project_id.clone(), known);
        Ok(known)
    }

    fn fill_repo_url(&mut self, arrivals: &[&Arrival]) -> Result<()> {
        let found = arrivals.iter().find_map(|one| Some((one.report.repo_url.as_deref()?, one)));
        let Some((repo_url, Arrival { report, received_at, .. })) = found else { return Ok(()) };
        let mut fill = self.transaction.prepare_cached(
            "UPDATE projects SET repo_url = ?2, updated_at = ?3 WHERE project_id = ?1 AND repo_url IS NULL",
        )?;
        fill.execute(params![report.project_id.as_str(), repo_url, received_at.millis()])?;
        if let Some(known) = self.memory.projects.get_mut(&report.project_id) {
            known.has_repo_url = true;
        }
        Ok(())
    }

    /// Adds the reports to the hours of their environments.
    fn count(&mut self, state: &IssueState, arrivals: &[&Arrival]) -> Result<()> {
        let mut hours: Vec<(&str, Timestamp, i64, Timestamp)> = Vec::new();
        for arrival in arrivals {
            let (environment, at, count) =
                (&*arrival.report.environment, arrival.at(), i64::from(arrival.report.count));
            match hours.iter_mut().find(|(name, hour, ..)| *name == environment && *hour == at.hour()) {
                Some((_, _, sum, last)) => {
                    *sum += count;
                    *last = at.max(*last);
                }
                None => hours.push((environment, at.hour(), count, at)),
            }
        }
        let mut upsert = self.transaction.prepare_cached(
            "INSERT INTO issue_hours AS h (issue_id, environment, hour, count, last_seen) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (issue_id, environment, hour) DO UPDATE SET count = h.count + excluded.count,
               last_seen = CASE WHEN excluded.last_seen > h.last_seen THEN excluded.last_seen ELSE h.last_seen END",
        )?;
        let report = &arrivals[0].report;
        for (environment, hour, count, last_seen) in hours {
            upsert.execute(params![state.id, environment, hour.millis(), count, last_seen.millis()])?;
            *self.hours.entry((hour.millis(), report.project_id.clone(), report.source)).or_default() +=
                count;
        }
        Ok(())
    }

    fn count_hours(&self) -> Result<()> {
        let mut upsert = self.transaction.prepare_cached(
            "INSERT INTO project_hours AS h (hour, project_id, source, count) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (hour, project_id, source) DO UPDATE SET count = h.count + excluded.count",
        )?;
        for ((hour, project_id, source), count) in &self.hours {
            upsert.execute(params![hour, project_id.as_str(), source.as_str(), count])?;
        }
        Ok(())
    }

    /// Which of the report's releases had shown the issue before its fix; asked only where the rule depends on it.
    fn known_releases(
        &self,
        state: &IssueState,
        rule: RegressionRule,
        arrival: &Arrival,
    ) -> Result<Vec<String>> {
        if rule == RegressionRule::Any || !state.status.has_fix() {
            return Ok(Vec::new());
        }
        let mut select = self.transaction.prepare_cached(
            "SELECT release FROM issue_releases WHERE issue_id = ?1 AND release = ?2 AND first_seen < ?3",
        )?;
        let fixed_at = state.fixed_at.map_or(i64::MAX, Timestamp::millis);
        let known =
            |release| select.query_row(params![state.id, release, fixed_at], |row| row.get(0)).optional();
        arrival.releases().map(known).filter_map(Result::transpose).collect()
    }

    fn remember_release(&self, issue_id: i64, arrival: &Arrival) -> Result<()> {
        for release in arrival.releases() {
            let mut insert = self
                .transaction
                .prepare_cached("INSERT INTO issue_releases VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
            if insert.execute(params![issue_id, release, arrival.received_at.millis()])? > 0 {
                let mut prune = self.transaction.prepare_cached(
                    "DELETE FROM issue_releases WHERE issue_id = ?1 AND release IN (SELECT release FROM issue_releases
                       WHERE issue_id = ?1 ORDER BY first_seen DESC, release LIMIT -1 OFFSET ?2)",
                )?;
                prune.execute([issue_id, KEPT_RELEASES])?;
            }
        }
        Ok(())
    }

    fn remember_event_ids(&self, batch: &[Arrival], outcomes: &[Option<Outcome>]) -> Result<()> {
        let mut upsert = self.transaction.prepare_cached(
            "INSERT INTO event_ids (project_id, event_id, issue_id, seen_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (project_id, event_id) DO UPDATE SET seen_at = excluded.seen_at",
        )?;
        for (Arrival { report, received_at, .. }, outcome) in batch.iter().zip(outcomes) {
            if let (Some(event_id), Some(outcome)) = (report.event_id.as_deref(), outcome) {
                let key = report.project_id.as_str();
                upsert.execute(params![key, event_id, outcome.id(), received_at.millis()])?;
            }
        }
        Ok(())
    }

    /// What is said of a report that was sent before.
    fn repeated(&self, id: i64) -> Result<Outcome> {
        let mut select = self.transaction.prepare_cached("SELECT status FROM issues WHERE id = ?1")?;
        let status = select.query_row([id], |row| super::rows::word(row, "status"))?;
        Ok(Outcome::Deduplicated { id, status })
    }
}

/// The releases that the latest event of an issue showed.
#[derive(Default)]
struct Shown {
    version: Option<String>,
    commit_hash: Option<String>,
}

impl Shown {
    fn includes(&self, arrival: &Arrival) -> bool {
        self.version.as_deref() == arrival.report.version.as_deref()
            && self.commit_hash.as_deref() == arrival.report.commit_hash.as_deref()
    }
}

fn find(transaction: &Transaction<'_>, fingerprint: Fingerprint) -> Result<Option<(IssueState, Shown)>> {
    let mut select = transaction.prepare_cached(
        "SELECT id, status, revision, count, events, regressions, first_seen, last_seen, fixed_at,
           pull_request_url IS NOT NULL AS pull_request, version, commit_hash
         FROM issues WHERE id = (SELECT issue_id FROM fingerprints WHERE fingerprint = ?1)",
    )?;
    let found = select.query_row([fingerprint.as_bytes()], |row| {
        let state = IssueState {
            id: row.get(0)?,
            status: super::rows::word(row, "status")?,
            revision: row.get(2)?,
            count: row.get(3)?,
            events: row.get(4)?,
            regressions: row.get(5)?,
            first_seen: Timestamp::from_millis(row.get(6)?),
            last_seen: Timestamp::from_millis(row.get(7)?),
            fixed_at: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_millis),
            pull_request: row.get(9)?,
        };
        Ok((state, Shown { version: row.get(10)?, commit_hash: row.get(11)? }))
    });
    found.optional()
}

fn insert(transaction: &Transaction<'_>, state: &IssueState, latest: &Arrival) -> Result<()> {
    let report = &latest.report;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO issues (id, fingerprint, project_id, source, status, revision, count, events, regressions,
           first_seen, last_seen, level, environment, version, commit_hash, error_type, message, file_path,
           line_number, trusted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?;
    insert.execute(params![
        state.id,
        report.fingerprint.as_bytes(),
        report.project_id.as_str(),
        report.source.as_str(),
        state.status.as_str(),
        state.revision,
        state.count,
        state.events,
        state.regressions,
        state.first_seen.millis(),
        state.last_seen.millis(),
        report.level.as_str(),
        &*report.environment,
        report.version.as_deref(),
        report.commit_hash.as_deref(),
        &*report.error_type,
        &*report.message,
        report.file_path.as_deref(),
        report.line_number.map(u64::cast_signed),
        latest.trusted,
    ])?;
    let mut own =
        transaction.prepare_cached("INSERT INTO fingerprints (fingerprint, issue_id) VALUES (?1, ?2)")?;
    own.execute(params![report.fingerprint.as_bytes(), state.id])?;
    Ok(())
}

fn update(transaction: &Transaction<'_>, state: &IssueState, latest: &Arrival) -> Result<()> {
    let report = &latest.report;
    let mut update = transaction.prepare_cached(
        "UPDATE issues SET count = ?2, events = ?3, first_seen = ?4, last_seen = ?5, level = ?6, environment = ?7,
           version = ?8, commit_hash = ?9, error_type = ?10, message = ?11, file_path = ?12, line_number = ?13,
           trusted = ?14
         WHERE id = ?1",
    )?;
    update.execute(params![
        state.id,
        state.count,
        state.events,
        state.first_seen.millis(),
        state.last_seen.millis(),
        report.level.as_str(),
        &*report.environment,
        report.version.as_deref(),
        report.commit_hash.as_deref(),
        &*report.error_type,
        &*report.message,
        report.file_path.as_deref(),
        report.line_number.map(u64::cast_signed),
        latest.trusted,
    ])?;
    Ok(())
}
