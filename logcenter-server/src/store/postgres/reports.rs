//! Records a batch of reports in one transaction.

use super::counts::{self, Counts, Seen};
use super::fault::{Fault, Result};
use super::issue_row::{self, WrittenIssue};
use super::known::{LoadedIssue, StoredIssue};
use super::rows::{self, get};
use super::session::Session;
use super::{Postgres, events, history, known_batches, outbox, releases, repair_row};
use crate::domain::recording::{
    EventKey, Group, HourCount, IssueState, KnownIssue, Plan, ProjectState, Recorded, Sorted,
    counted_environment, event_keys, plan, sort,
};
use crate::domain::repair::Repair;
use crate::domain::{HistoryEntry, IssueEventKind, IssueId, Outcome, ReceivedReport};
use crate::store::{Batch, BatchId, NextBatch, Reports, StoreError, StoreFuture};
use logcenter_core::Fingerprint;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

impl Reports for Postgres {
    fn record(&self, id: BatchId, mut next: NextBatch) -> StoreFuture<'_, Vec<Outcome>> {
        Box::pin(async move {
            let _one = self.shared.recording.acquire().await;
            let in_turn = self.shared.turns().are_taken();
            let at_once = (!in_turn).then(|| {
                // On a shared core, those who are about to report go first: the larger a batch, the less each report costs.
                std::thread::yield_now();
                next()
            });
            if at_once.as_ref().is_some_and(|batch| batch.is_empty()) {
                return Ok(Vec::new());
            }
            let recording = Recording {
                id,
                next: Mutex::new(next),
                at_once: Mutex::new(at_once),
                in_turn: in_turn.into(),
                is_known: self.shared.in_doubt().contains(&id).into(),
            };
            let recorded =
                self.write_reports(recording, |session, recording| Box::pin(recording.step(session)));
            let recorded = recorded.await;
            match recorded {
                Err(StoreError::UnknownOutcome(_)) => drop(self.shared.in_doubt().insert(id)),
                Ok(_) => drop(self.shared.in_doubt().remove(&id)),
                Err(_) => {}
            }
            let outcomes = recorded?;
            outbox::announce_counted_soon(&Arc::clone(&self.shared));
            Ok(outcomes)
        })
    }
}

/// A batch on its way.
struct Recording {
    id: BatchId,
    next: Mutex<NextBatch>,
    /// The batch for the first attempt, if that waits for nobody.
    at_once: Mutex<Option<Batch>>,
    /// Whether it waits for its turn.
    in_turn: AtomicBool,
    /// Whether it may have been recorded: its commit is in doubt, or an attempt failed.
    is_known: AtomicBool,
}

impl Recording {
    async fn step(&self, session: &Session<'_>) -> Result<Vec<Outcome>> {
        let in_turn = self.in_turn.load(Ordering::Relaxed);
        if in_turn {
            session.optional("SELECT FROM jobs WHERE name = 'recording' FOR UPDATE", &[]).await?;
        }
        let at_once = self.at_once.lock().unwrap_or_else(PoisonError::into_inner).take();
        let batch = at_once.unwrap_or_else(|| self.next.lock().unwrap_or_else(PoisonError::into_inner)());
        // A batch that has been recorded conflicts with itself, so that it need not be looked for before.
        if self.is_known.load(Ordering::Relaxed)
            && let Some(outcomes) = known_batches::outcomes(session, self.id).await?
        {
            return Ok(outcomes);
        }
        let recorded = record(session, self.id, &batch, in_turn).await;
        match recorded {
            Err(Fault::Taken) => {
                self.in_turn.store(true, Ordering::Relaxed);
                session.shared.turns().collided();
            }
            Ok(_) if in_turn => session.shared.turns().taken(),
            Ok(_) => session.shared.turns().passed(),
            Err(_) => self.is_known.store(true, Ordering::Relaxed),
        }
        recorded
    }
}

/// What is known before a batch is planned.
struct Read<'a> {
    repeats: HashMap<EventKey<'a>, Recorded>,
    projects: HashMap<String, ProjectState>,
    /// The issues that fingerprints belong to.
    issues: HashMap<Fingerprint, i64>,
    /// Those of them that are locked.
    locked: HashMap<i64, LoadedIssue>,
    events_are_wanted: bool,
}

async fn record(session: &Session<'_>, id: BatchId, batch: &Batch, in_turn: bool) -> Result<Vec<Outcome>> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let locked = if in_turn { "" } else { "SKIP LOCKED" };
    let mut read = read(session, batch, locked).await?;
    if !in_turn && read.issues.values().any(|id| !read.locked.contains_key(id)) {
        return Err(Fault::Taken);
    }
    let sorted = sort(batch, &read.repeats);
    let new = take_ids(session, &sorted, &mut read).await?;
    let (mut known, mut stored) = (Vec::new(), Vec::new());
    for (group, LoadedIssue { state, stored: row }) in
        sorted.groups.iter().zip(load(&sorted, &mut read, &new)?)
    {
        let project = read.projects.get(group.first().report.project_id.as_str()).copied();
        let rule = project.unwrap_or(ProjectState::NEW).rule;
        let depends = state.depends_on_releases(rule);
        let releases = if depends { releases::seen(session, state.id, group).await? } else { Vec::new() };
        known.push(KnownIssue { state, releases, project });
        stored.push(row);
    }
    let planned = plan(&sorted, known, session.shared.kept_events);
    let received_at = batch.iter().map(|one| one.received_at).max().unwrap_or_default();
    let outcomes = planned.outcomes.clone();
    tokio::try_join!(
        known_batches::remember(session, id, &outcomes, received_at),
        remember_event_ids(session, batch, &outcomes, &read.repeats),
        write(session, &sorted, planned, stored, read.events_are_wanted),
    )?;
    Ok(outcomes)
}

/// Reads what a batch is about, and locks the issues that it is about; `or` says what to do if one is locked already.
async fn read<'a>(session: &Session<'_>, batch: &'a [ReceivedReport], or: &str) -> Result<Read<'a>> {
    let keys: HashMap<(&str, &str), EventKey<'a>> =
        event_keys(batch).map(|key| ((key.0.as_str(), key.1), key)).collect();
    let (named, event_ids): (Vec<&str>, Vec<&str>) = keys.keys().copied().unzip();
    let fingerprints = batch.iter().map(|one| one.report.fingerprint);
    let fingerprints: Vec<Fingerprint> = fingerprints.collect::<HashSet<_>>().into_iter().collect();
    let fingerprints = bytes(&fingerprints);
    let projects: HashSet<&str> = batch.iter().map(|one| one.report.project_id.as_str()).collect();
    let projects: Vec<&str> = projects.into_iter().collect();
    let now = batch.iter().map(|one| one.received_at.millis()).max().unwrap_or_default();
    let repeats = async {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT e.project_id, e.event_id, i.id, i.status
                   FROM unnest($1::text[], $2::text[]) AS k (project_id, event_id)
                   JOIN event_ids e ON e.project_id = k.project_id AND e.event_id = k.event_id
                   JOIN issues i ON i.id = e.issue_id";
        session.query(sql, &[&named, &event_ids]).await
    };
    let known = async {
        let sql = "SELECT project_id, regression_rule, repo_url IS NOT NULL AS has_repo_url,
                     EXISTS (SELECT FROM feed WHERE wanted_until > $2) AS events_are_wanted
                   FROM projects WHERE project_id = ANY($1) ORDER BY project_id FOR KEY SHARE";
        session.query(sql, &[&projects, &now]).await
    };
    // In this order: whoever deletes a project locks it before its issues.
    let (known, repeats, issues, locked) = tokio::try_join!(
        known,
        repeats,
        issues_of(session, &fingerprints),
        issue_row::lock(session, &fingerprints, or),
    )?;
    let locked = locked.into_iter().map(|issue| (issue.state.id.0, issue)).collect();
    let (repeated, projects) = (HashMap::new(), HashMap::new());
    let mut read = Read { repeats: repeated, projects, issues, locked, events_are_wanted: false };
    for row in repeats {
        let (project_id, event_id): (&str, &str) = (get(&row, "project_id")?, get(&row, "event_id")?);
        let recorded = Recorded { id: rows::issue_id(&row, "id")?, status: rows::word(&row, "status")? };
        if let Some(key) = keys.get(&(project_id, event_id)) {
            read.repeats.insert(*key, recorded);
        }
    }
    for row in known {
        let state = rows::intact("projects", &row, |row| {
            let has_repo_url = get(row, "has_repo_url")?;
            Ok(ProjectState { rule: rows::word(row, "regression_rule")?, has_repo_url })
        })?;
        read.projects.insert(get(&row, "project_id")?, state);
        read.events_are_wanted = get(&row, "events_are_wanted")?;
    }
    Ok(read)
}

fn bytes(fingerprints: &[Fingerprint]) -> Vec<&[u8]> {
    fingerprints.iter().map(|fingerprint| &fingerprint.as_bytes()[..]).collect()
}

/// The issues that fingerprints belong to.
async fn issues_of(session: &Session<'_>, fingerprints: &[&[u8]]) -> Result<HashMap<Fingerprint, i64>> {
    let sql = "SELECT fingerprint, issue_id FROM fingerprints WHERE fingerprint = ANY($1)";
    let rows = session.query(sql, &[&fingerprints]).await?;
    rows.iter().map(|row| Ok((rows::fingerprint(row)?, get(row, "issue_id")?))).collect()
}

/// Takes ids for the issues that do not exist yet.
async fn take_ids(
    session: &Session<'_>,
    sorted: &Sorted<'_>,
    read: &mut Read<'_>,
) -> Result<HashMap<Fingerprint, i64>> {
    let unknown = |issues: &HashMap<Fingerprint, i64>| -> Vec<Fingerprint> {
        let all = sorted.groups.iter().map(|group| group.first().report.fingerprint);
        all.filter(|fingerprint| !issues.contains_key(fingerprint)).collect()
    };
    let asked = unknown(&read.issues);
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let row = session.one("SELECT id FROM next_issue FOR UPDATE", &[]).await?;
    // Others may have added some of them meanwhile. Nobody waits for an issue while others wait for `next_issue`.
    let asked = bytes(&asked);
    let (issues, locked) =
        tokio::try_join!(issues_of(session, &asked), issue_row::lock(session, &asked, "NOWAIT"))?;
    read.issues.extend(issues);
    read.locked.extend(locked.into_iter().map(|issue| (issue.state.id.0, issue)));
    let new: HashMap<Fingerprint, i64> =
        unknown(&read.issues).into_iter().zip(get::<i64>(&row, "id")?..).collect();
    if !new.is_empty() {
        let taken = i64::try_from(new.len()).unwrap_or(i64::MAX);
        session.execute("UPDATE next_issue SET id = id + $1", &[&taken]).await?;
    }
    Ok(new)
}

/// The issue of each group.
fn load(
    sorted: &Sorted<'_>,
    read: &mut Read<'_>,
    new: &HashMap<Fingerprint, i64>,
) -> Result<Vec<LoadedIssue>> {
    let load = |group: &Group<'_>| {
        let report = &group.first().report;
        if let Some(id) = new.get(&report.fingerprint) {
            let stored = StoredIssue {
                project_id: report.project_id.clone(),
                source: report.source,
                environment: None,
                environments: 0,
                payload_number: 0,
                payload_hash: 0,
            };
            return Ok(LoadedIssue { state: IssueState::new(IssueId(*id), group.first().at()), stored });
        }
        let locked = read.issues.get(&report.fingerprint).and_then(|id| read.locked.remove(id));
        locked.ok_or_else(|| Fault::Conflict("an issue was deleted, or merged with another one".into()))
    };
    sorted.groups.iter().map(load).collect()
}

async fn write(
    session: &Session<'_>,
    sorted: &Sorted<'_>,
    planned: Plan<'_>,
    stored: Vec<StoredIssue>,
    events_are_wanted: bool,
) -> Result<()> {
    let Plan { issues, projects, .. } = planned;
    for project in &projects {
        let (project_id, repo_url) = (project.project_id.as_str(), project.repo_url.as_deref());
        let sql = if project.creates {
            "INSERT INTO projects (project_id, repo_url, created_at, updated_at) VALUES ($1, $2, $3, $3) ON CONFLICT DO NOTHING"
        } else {
            "UPDATE projects SET repo_url = $2, updated_at = $3 WHERE project_id = $1 AND repo_url IS NULL"
        };
        session.execute(sql, &[&project_id, &repo_url, &project.at.millis()]).await?;
    }
    let mut asked: Vec<Seen> = Vec::new();
    let mut known: HashSet<Seen> = HashSet::new();
    for ((group, issue), stored) in sorted.groups.iter().zip(&issues).zip(&stored) {
        let id = issue.state.id.0;
        // One more environment is counted by its own name only below the limit.
        let is_named = |name: &&str| counted_environment(name, stored.environments) == *name;
        let latest = stored.environment.as_deref().filter(is_named);
        known.extend(latest.map(|environment| (id, environment.to_owned())));
        let reports = group.reports.iter().filter(|_| !issue.is_new());
        let others = reports.map(|one| &*one.report.environment).filter(|name| Some(*name) != latest);
        asked.extend(others.collect::<HashSet<_>>().into_iter().map(|name| (id, name.to_owned())));
    }
    known.extend(counts::known_environments(session, &asked).await?);
    let mut counts = Counts::default();
    let (mut new_events, mut removed) = (Vec::new(), Vec::new());
    let (mut inserted, mut updated, mut counted) = (Vec::new(), Vec::new(), Vec::new());
    let mut entries: Vec<(IssueId, HistoryEntry)> = Vec::new();
    let releases = releases::of(&issues);
    for ((group, mut plan), mut stored) in sorted.groups.iter().zip(issues).zip(stored) {
        let id = plan.state.id;
        match plan.announcement {
            IssueEventKind::Counted if events_are_wanted => {
                session.count(id, group.latest().received_at);
            }
            IssueEventKind::Counted => {}
            kind => session.announce(id, kind, group.latest().received_at),
        }
        let mut hours = Vec::new();
        for report in &group.reports {
            let (environment, count) = (&report.report.environment, i64::from(report.report.count));
            HourCount::add(&mut hours, environment, report.at(), report.received_at, count);
        }
        counts.add(id, &mut stored, hours, &mut known);
        let payload_before = (stored.payload_number, stored.payload_hash);
        for (number, report) in plan.kept(group) {
            new_events.push(events::new(id, &mut stored, number, report));
        }
        let (before, after) = (plan.before.0, plan.state.events.0);
        removed.extend(events::removed(before, after, session.shared.kept_events).map(|range| (id, range)));
        if plan.begins_earlier && !plan.is_new() {
            issue_row::begin_earlier(session, &plan.state).await?;
        }
        let is_new = plan.is_new();
        let history = std::mem::take(&mut plan.history);
        if !history.is_empty() {
            if !is_new {
                issue_row::set_standing(session, id, &plan.state.standing()).await?;
                issue_row::set_regressions(session, &plan.state).await?;
            }
            let repair = repair_row::read(session, id).await?;
            if repair != Repair::default() {
                repair_row::write(session, id, &repair.after_regression()).await?;
            }
            entries.extend(history.into_iter().map(|entry| (id, entry)));
        }
        let has_payload = (stored.payload_number, stored.payload_hash) != payload_before;
        let written =
            WrittenIssue { issue: LoadedIssue { state: plan.state, stored }, latest: group.latest() };
        match (is_new, has_payload) {
            (true, _) => inserted.push(written),
            (false, true) => updated.push(written),
            (false, false) => counted.push(written),
        }
    }
    let entries: Vec<(IssueId, &HistoryEntry)> = entries.iter().map(|(id, entry)| (*id, entry)).collect();
    tokio::try_join!(
        issue_row::insert(session, &inserted),
        issue_row::update(session, &updated),
        issue_row::count(session, &counted),
        events::insert(session, &new_events),
        events::remove(session, &removed),
        releases::write(session, &releases),
        history::insert(session, &entries),
        counts.write(session),
    )?;
    Ok(())
}

/// Remembers what clients called their events. One that somebody else has recorded meanwhile is a conflict.
async fn remember_event_ids(
    session: &Session<'_>,
    batch: &[ReceivedReport],
    outcomes: &[Outcome],
    repeats: &HashMap<EventKey<'_>, Recorded>,
) -> Result<()> {
    let mut seen: HashMap<EventKey<'_>, (i64, i64)> = HashMap::new();
    for (one, outcome) in batch.iter().zip(outcomes) {
        if let Some(event_id) = one.report.event_id.as_deref() {
            seen.insert((&one.report.project_id, event_id), (outcome.id().0, one.received_at.millis()));
        }
    }
    let mut seen: Vec<_> = seen.into_iter().collect();
    seen.sort_unstable_by(|(one, _), (other, _)| (one.0.as_str(), one.1).cmp(&(other.0.as_str(), other.1)));
    for (is_repeat, sql) in [
        (
            true,
            "UPDATE event_ids e SET seen_at = s.seen_at
             FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS s (project_id, event_id, issue_id, seen_at)
             WHERE e.project_id = s.project_id AND e.event_id = s.event_id",
        ),
        (
            false,
            "INSERT INTO event_ids (project_id, event_id, issue_id, seen_at)
             SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) ON CONFLICT DO NOTHING",
        ),
    ] {
        let rows: Vec<_> = seen.iter().filter(|(key, _)| repeats.contains_key(key) == is_repeat).collect();
        if rows.is_empty() {
            continue;
        }
        let projects: Vec<&str> = rows.iter().map(|(key, _)| key.0.as_str()).collect();
        let event_ids: Vec<&str> = rows.iter().map(|(key, _)| key.1).collect();
        let issues: Vec<i64> = rows.iter().map(|(_, (issue, _))| *issue).collect();
        let times: Vec<i64> = rows.iter().map(|(_, (_, at))| *at).collect();
        let written = session.execute(sql, &[&projects, &event_ids, &issues, &times]).await?;
        if usize::try_from(written) != Ok(rows.len()) {
            return Err(Fault::Conflict("an event was recorded by somebody else meanwhile".into()));
        }
    }
    Ok(())
}
