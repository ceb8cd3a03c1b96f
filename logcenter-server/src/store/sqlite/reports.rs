//! Records a batch of reports in one transaction.

use super::counts::Counts;
use super::known::{CachedIssue, EventChain, StoredIssue};
use super::session::Session;
use super::{Sqlite, events, history, issue_row, repair_row, rows};
use crate::domain::recording::{
    EventKey, Group, HourCount, IssuePlan, IssueState, KEPT_RELEASES, KnownIssue, ProjectPlan, ProjectState,
    Recorded, SeenRelease, Sorted, event_keys, plan, sort,
};
use crate::domain::repair::Repair;
use crate::domain::{IssueId, Outcome, ReceivedReport};
use crate::store::{BatchId, NextBatch, Reports, StoreError, StoreFuture};
use logcenter_core::ProjectId;
use rusqlite::{OptionalExtension, Transaction, params};
use std::collections::HashMap;

impl Reports for Sqlite {
    fn record(&self, id: BatchId, mut next: NextBatch) -> StoreFuture<'_, Vec<Outcome>> {
        self.writer.record(id, move |session| {
            // On a shared core, those who are about to report go first: the larger a batch, the less each report costs.
            std::thread::yield_now();
            record(session, &next())
        })
    }
}

fn record(session: &mut Session<'_>, batch: &[ReceivedReport]) -> Result<Vec<Outcome>, StoreError> {
    let recorded = recorded(&session.transaction, batch)?;
    let sorted = sort(batch, &recorded);
    let (known, stored) = load(session, &sorted)?;
    let plan = plan(&sorted, known, session.cache.kept_events);
    for project in &plan.projects {
        write_project(session, project)?;
    }
    for (group, issue) in sorted.groups.iter().zip(&plan.issues) {
        session.announce(issue.state.id, issue.announcement, group.latest().received_at)?;
    }
    let kept = write_issues(session, &sorted.groups, plan.issues, stored)?;
    remember_event_ids(&session.transaction, batch, &plan.outcomes)?;
    session.keep_in_bounds()?;
    let kept_events = session.cache.kept_events;
    session.cache.sweep.advance(&session.transaction, kept, kept_events)?;
    Ok(plan.outcomes)
}

/// The events of a batch that were recorded before.
fn recorded<'a>(
    transaction: &Transaction<'_>,
    batch: &'a [ReceivedReport],
) -> Result<HashMap<EventKey<'a>, Recorded>, StoreError> {
    let mut recorded = HashMap::new();
    let mut select = transaction.prepare_cached(
        "SELECT i.id, i.status FROM event_ids e JOIN issues i ON i.id = e.issue_id
         WHERE e.project_id = ?1 AND e.event_id = ?2",
    )?;
    for (project_id, event_id) in event_keys(batch) {
        let found = select.query_row([project_id.as_str(), event_id], |row| {
            Ok(Recorded { id: IssueId(row.get("id")?), status: rows::word(row, "status")? })
        });
        if let Some(found) = found.optional()? {
            recorded.insert((project_id, event_id), found);
        }
    }
    Ok(recorded)
}

/// What is known about the issues of a batch, for the rules and for the file.
fn load(
    session: &mut Session<'_>,
    sorted: &Sorted<'_>,
) -> Result<(Vec<KnownIssue>, Vec<StoredIssue>), StoreError> {
    let mut known = Vec::with_capacity(sorted.groups.len());
    let mut all_stored = Vec::with_capacity(sorted.groups.len());
    for group in &sorted.groups {
        let report = &group.first().report;
        let project = project(session, &report.project_id)?;
        let found = match session.issue_of(report.fingerprint)? {
            Some(id) => Some(match session.cache.take(id) {
                Some(issue) => issue,
                None => issue_row::read(&session.transaction, id)?,
            }),
            None => None,
        };
        let CachedIssue { state, stored } = found.unwrap_or_else(|| CachedIssue {
            state: IssueState::new(session.cache.new_issue(report.fingerprint), group.first().at()),
            stored: StoredIssue {
                known_environments: Some(0),
                ..StoredIssue::new(EventChain::default(), report.project_id.clone(), report.source)
            },
        });
        let rule = project.unwrap_or(ProjectState::NEW).rule;
        let depends = state.depends_on_releases(rule);
        let releases = if depends { releases(&session.transaction, state.id, group)? } else { Vec::new() };
        known.push(KnownIssue { state, releases, project });
        all_stored.push(stored);
    }
    Ok((known, all_stored))
}

/// A project, if it exists.
fn project(session: &mut Session<'_>, project_id: &ProjectId) -> Result<Option<ProjectState>, StoreError> {
    if let Some(known) = session.cache.project(project_id) {
        return Ok(Some(known));
    }
    let mut select = session.transaction.prepare_cached(
        "SELECT project_id, regression_rule, repo_url IS NOT NULL AS has_repo_url FROM projects WHERE project_id = ?1",
    )?;
    let found = select.query_row([project_id.as_str()], |row| {
        rows::intact("projects", row, |row| {
            Ok(ProjectState {
                rule: rows::word(row, "regression_rule")?,
                has_repo_url: row.get("has_repo_url")?,
            })
        })
    });
    let found = found.optional()?;
    if let Some(project) = found {
        session.cache.remember_project(project_id.clone(), project);
    }
    Ok(found)
}

/// When an issue was first seen in the releases that a group names.
fn releases(
    transaction: &Transaction<'_>,
    id: IssueId,
    group: &Group<'_>,
) -> Result<Vec<SeenRelease>, StoreError> {
    let mut select = transaction
        .prepare_cached("SELECT first_seen FROM issue_releases WHERE issue_id = ?1 AND release = ?2")?;
    let mut seen = Vec::new();
    for release in group.reports.iter().flat_map(|report| report.releases()) {
        let first_seen = select.query_row(params![id.0, release], |row| rows::time(row, "first_seen"));
        if let Some(first_seen) = first_seen.optional()? {
            seen.push(SeenRelease { release: release.into(), first_seen });
        }
    }
    Ok(seen)
}

fn write_project(session: &mut Session<'_>, plan: &ProjectPlan<'_>) -> Result<(), StoreError> {
    let (project_id, repo_url) = (plan.project_id.as_str(), plan.repo_url.as_deref());
    let sql = if plan.creates {
        "INSERT INTO projects (project_id, repo_url, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)"
    } else {
        "UPDATE projects SET repo_url = ?2, updated_at = ?3 WHERE project_id = ?1"
    };
    session.transaction.prepare_cached(sql)?.execute(params![project_id, repo_url, plan.at.millis()])?;
    session.cache.forget_project(plan.project_id);
    Ok(())
}

/// Writes what a batch changes about its issues; returns how many events were stored.
fn write_issues(
    session: &mut Session<'_>,
    groups: &[Group<'_>],
    plans: Vec<IssuePlan<'_>>,
    stored: Vec<StoredIssue>,
) -> Result<usize, StoreError> {
    let transaction = &session.transaction;
    let mut inserts = events::Inserts::prepare(transaction)?;
    let mut counts = Counts::prepare(transaction)?;
    let mut kept = 0;
    for ((group, mut plan), mut stored) in groups.iter().zip(plans).zip(stored) {
        let id = plan.state.id;
        let payload_before = stored.chain.payload_hash;
        for report in &group.reports {
            let (environment, count) = (&report.report.environment, i64::from(report.report.count));
            let hours = &mut stored.pending_hours;
            HourCount::add(hours, environment, report.at(), report.received_at, count);
        }
        for (number, report) in plan.kept(group) {
            events::insert(&mut inserts, session.cache.new_event(), id, &mut stored, number, report)?;
            kept += 1;
        }
        for entry in &plan.history {
            history::insert(transaction, id, entry)?;
        }
        write_releases(transaction, &plan)?;
        let (is_new, keeps_all, begins_earlier) = (plan.is_new(), plan.keeps_all(), plan.begins_earlier);
        let came_back = !std::mem::take(&mut plan.history).is_empty();
        let mut issue = CachedIssue { state: plan.state, stored };
        if is_new {
            issue_row::insert(transaction, &issue, group.latest())?;
            counts.write_hours(id, &mut issue.stored)?;
        } else if issue.stored.chain.payload_hash != payload_before {
            issue_row::update(transaction, &issue, group.latest())?;
            counts.write_hours(id, &mut issue.stored)?;
        } else if begins_earlier || !keeps_all {
            // Events that are not kept could not be counted again after a kill.
            counts.write(&mut issue)?;
        }
        if begins_earlier && !is_new {
            issue_row::begin_earlier(transaction, &issue.state)?;
        }
        if came_back {
            issue_row::set_standing(transaction, id, &issue.state.standing())?;
            issue_row::set_regressions(transaction, &issue.state)?;
            let repair = repair_row::read(transaction, id)?;
            if repair != Repair::default() {
                repair_row::write(transaction, id, &repair.after_regression())?;
            }
        }
        session.cache.put(issue);
    }
    counts.finish()?;
    Ok(kept)
}

fn write_releases(transaction: &Transaction<'_>, plan: &IssuePlan<'_>) -> Result<(), StoreError> {
    if plan.releases.is_empty() {
        return Ok(());
    }
    let id = plan.state.id.0;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO issue_releases (issue_id, release, first_seen) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    let mut added = 0;
    for (release, at) in &plan.releases {
        added += insert.execute(params![id, release, at.millis()])?;
    }
    // The releases of a single report are never too many.
    if added > 0 && plan.state.events.0 > 1 {
        let mut prune = transaction.prepare_cached(
            "DELETE FROM issue_releases WHERE issue_id = ?1 AND release IN (SELECT release FROM issue_releases
               WHERE issue_id = ?1 ORDER BY first_seen DESC, release LIMIT -1 OFFSET ?2)",
        )?;
        prune.execute(params![id, KEPT_RELEASES])?;
    }
    Ok(())
}

fn remember_event_ids(
    transaction: &Transaction<'_>,
    batch: &[ReceivedReport],
    outcomes: &[Outcome],
) -> Result<(), StoreError> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO event_ids (project_id, event_id, issue_id, seen_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (project_id, event_id) DO UPDATE SET seen_at = excluded.seen_at",
    )?;
    for (ReceivedReport { report, received_at, .. }, outcome) in batch.iter().zip(outcomes) {
        if let Some(event_id) = report.event_id.as_deref() {
            let key = report.project_id.as_str();
            upsert.execute(params![key, event_id, outcome.id().0, received_at.millis()])?;
        }
    }
    Ok(())
}
