//! Recording a batch of reports: everything that a report changes, in one transaction.

use super::counts::{self, Counts};
use super::memory::{KnownIssue, KnownProject, Memory};
use super::writer::Session;
use super::{events, issue_row, rows};
use crate::domain::{Arrival, IssueState, Outcome};
use crate::store::StoreError;
use logcenter_core::{ProjectId, RegressionRule, Timestamp};
use rusqlite::{OptionalExtension, Result, Transaction, params};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// How many releases of an issue are remembered.
const KEPT_RELEASES: i64 = 256;

/// Records the reports and says what became of each, in order.
pub(super) fn record(
    session: &mut Session<'_>,
    batch: &[Arrival],
) -> std::result::Result<Vec<Outcome>, StoreError> {
    let mut recorder = Recorder {
        transaction: &session.transaction,
        inserts: events::Inserts::prepare(&session.transaction)?,
        counts: Counts::prepare(&session.transaction)?,
        memory: session.memory,
        kept: 0,
    };
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
    recorder.tidy()?;
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
    inserts: events::Inserts<'a>,
    counts: Counts<'a>,
    memory: &'a mut Memory,
    /// Events that were kept of this batch.
    kept: usize,
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
        let (Some(&first), Some(&latest)) = (arrivals.first(), arrivals.last()) else {
            return Ok(Vec::new());
        };
        let project = self.project(first)?;
        if !project.has_repo_url {
            self.fill_repo_url(arrivals)?;
        }
        let mut issue = self.find(first)?;
        let (before, looks, first_seen) =
            (issue.state.events, issue.trail.looks_hash, issue.state.first_seen);
        let mut outcomes = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            let from = issue.state.status;
            let known = self.known_releases(&issue.state, project.rule, arrival)?;
            let known = |release: &str| known.iter().any(|one| one == release);
            let outcome = issue.state.observe(arrival, project.rule, known);
            if let Outcome::Regressed { .. } = outcome {
                super::change::regression(self.transaction, &issue.state, from, arrival)?;
            }
            self.remember_releases(&mut issue, arrival)?;
            outcomes.push(outcome);
        }
        for (number, arrival) in (before + 1..).zip(arrivals) {
            let (at, count) = (arrival.at(), i64::from(arrival.report.count));
            counts::add(&mut issue.uncounted, &arrival.report.environment, at, count);
            if number == 1 || number > issue.state.events - self.memory.kept_events {
                let id = self.memory.new_event();
                events::insert(&mut self.inserts, id, &mut issue, number, arrival)?;
                self.kept += 1;
            }
        }
        let all_kept = issue.state.events - before <= self.memory.kept_events;
        if before == 0 {
            issue_row::insert(self.transaction, &issue, latest)?;
            self.counts.write_hours(&mut issue)?;
        } else if issue.trail.looks_hash != looks {
            issue_row::update(self.transaction, &issue, latest)?;
            self.counts.write_hours(&mut issue)?;
        } else if issue.state.first_seen != first_seen || !all_kept {
            self.counts.write(&mut issue)?;
        }
        if issue.state.first_seen != first_seen {
            issue_row::begin_earlier(self.transaction, &issue.state)?;
        }
        self.memory.remember(first.report.fingerprint, issue);
        Ok(outcomes)
    }

    /// The issue of a report; a new one if there is none yet.
    fn find(&mut self, first: &Arrival) -> Result<KnownIssue> {
        let fingerprint = first.report.fingerprint;
        if let Some(known) = self.memory.take(fingerprint) {
            return Ok(known);
        }
        match self.memory.issue_of(self.transaction, fingerprint)? {
            Some(id) => issue_row::read(self.transaction, id),
            None => {
                let state = IssueState::opened(self.memory.new_issue(fingerprint), first.at());
                Ok(KnownIssue::new(state, first.report.project_id.clone(), first.report.source))
            }
        }
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
            "SELECT regression_rule, ifnull(repo_url, '') <> '' AS has_repo_url FROM projects WHERE project_id = ?1",
        )?;
        let known = select.query_row([project_id.as_str()], |row| {
            Ok(KnownProject {
                rule: rows::word(row, "regression_rule")?,
                has_repo_url: row.get("has_repo_url")?,
            })
        })?;
        self.memory.remember_project(project_id.clone(), known);
        Ok(known)
    }

    fn fill_repo_url(&mut self, arrivals: &[&Arrival]) -> Result<()> {
        let found = arrivals.iter().find_map(|one| Some((one.report.repo_url.as_deref()?, one)));
        let Some((repo_url, Arrival { report, received_at, .. })) = found else { return Ok(()) };
        let mut fill = self.transaction.prepare_cached(
            "UPDATE projects SET repo_url = ?2, updated_at = ?3 WHERE project_id = ?1 AND ifnull(repo_url, '') = ''",
        )?;
        fill.execute(params![report.project_id.as_str(), repo_url, received_at.millis()])?;
        if let Some(known) = self.memory.projects.get_mut(&report.project_id) {
            known.has_repo_url = true;
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

    /// Notes the releases that the report names, unless the one before named the same.
    fn remember_releases(&self, issue: &mut KnownIssue, arrival: &Arrival) -> Result<()> {
        let (version, commit_hash) = (&arrival.report.version, &arrival.report.commit_hash);
        if issue.version == *version && issue.commit_hash == *commit_hash {
            return Ok(());
        }
        (issue.version, issue.commit_hash) = (version.clone(), commit_hash.clone());
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO issue_releases (issue_id, release, first_seen) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        let mut added = 0;
        for release in arrival.releases() {
            added += insert.execute(params![issue.state.id, release, arrival.received_at.millis()])?;
        }
        // Those of the first event are never too many.
        if added > 0 && issue.state.events > 1 {
            let mut prune = self.transaction.prepare_cached(
                "DELETE FROM issue_releases WHERE issue_id = ?1 AND release IN (SELECT release FROM issue_releases
                   WHERE issue_id = ?1 ORDER BY first_seen DESC, release LIMIT -1 OFFSET ?2)",
            )?;
            prune.execute([issue.state.id, KEPT_RELEASES])?;
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
        let status = select.query_row([id], |row| rows::word(row, "status"))?;
        Ok(Outcome::Deduplicated { id, status })
    }

    /// What is done a little with every batch.
    fn tidy(self) -> Result<()> {
        self.counts.finish()?;
        self.memory.settle_in_time(self.transaction)?;
        self.memory.index_fingerprints(self.transaction)?;
        let Memory { sweep, kept_events, .. } = self.memory;
        sweep.advance(self.transaction, self.kept, *kept_events)
    }
}
