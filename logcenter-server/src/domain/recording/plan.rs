//! What a batch does, decided.

use super::sort::{Group, Recorded, RepeatOf, Sorted};
use super::state::{IssueState, SeenRelease};
use crate::domain::history::HistoryEntry;
use crate::domain::ids::EventNumber;
use crate::domain::issue_event::IssueEventKind;
use crate::domain::received::{Outcome, ReceivedReport};
use crate::domain::text::Url;
use logcenter_core::{ProjectId, RegressionRule, Status, Timestamp};

/// What has to be known of a project for recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectState {
    /// Which events reopen its issues.
    pub rule: RegressionRule,
    /// Whether its repository is known.
    pub has_repo_url: bool,
}

impl ProjectState {
    /// A project that a report creates.
    pub const NEW: Self = Self { rule: RegressionRule::Any, has_repo_url: false };
}

/// What is known of the issue of a [`Group`].
#[derive(Debug)]
pub struct KnownIssue {
    /// The issue; a new one if there was none.
    pub state: IssueState,
    /// The releases that showed it, of those that the group names; empty where
    /// [`depends_on_releases`](IssueState::depends_on_releases) says no.
    pub releases: Vec<SeenRelease>,
    /// Its project; `None` if that is unknown.
    pub project: Option<ProjectState>,
}

/// What a batch does to one issue.
#[derive(Debug)]
pub struct IssuePlan<'a> {
    /// The issue afterwards.
    pub state: IssueState,
    /// The number of events before.
    pub before: EventNumber,
    /// Whether the issue began earlier than was known.
    pub begins_earlier: bool,
    /// Status changes for the history.
    pub history: Vec<HistoryEntry>,
    /// Releases that it may not have been seen in before, and when.
    pub releases: Vec<(&'a str, Timestamp)>,
    /// What is announced of it.
    pub announcement: IssueEventKind,
    kept_events: i64,
}

impl IssuePlan<'_> {
    /// Whether the issue is new.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.before.0 == 0
    }

    /// The events of the group that are kept: the very first of the issue and its newest ones.
    pub fn kept<'g>(
        &self,
        group: &'g Group<'_>,
    ) -> impl Iterator<Item = (EventNumber, &'g ReceivedReport)> + use<'g> {
        let newest_begin = self.state.events.0 - self.kept_events;
        let numbered = (self.before.0 + 1..).map(EventNumber).zip(group.reports.iter().copied());
        numbered.filter(move |(number, _)| *number == EventNumber(1) || number.0 > newest_begin)
    }

    /// Whether every event of the group is kept.
    #[must_use]
    pub const fn keeps_all(&self) -> bool {
        self.state.events.0 - self.before.0 <= self.kept_events
    }
}

/// What a batch does to a project.
#[derive(Debug, PartialEq, Eq)]
pub struct ProjectPlan<'a> {
    /// The project.
    pub project_id: &'a ProjectId,
    /// Whether it is created.
    pub creates: bool,
    /// The repository that is filled in.
    pub repo_url: Option<Url>,
    /// When.
    pub at: Timestamp,
}

/// What a batch does.
#[derive(Debug)]
pub struct Plan<'a> {
    /// For each group what it does to its issue.
    pub issues: Vec<IssuePlan<'a>>,
    /// What it does to projects.
    pub projects: Vec<ProjectPlan<'a>>,
    /// What became of each report, in the order of the batch.
    pub outcomes: Vec<Outcome>,
}

/// Decides what a batch does. `known` belongs to the groups, one to one; `kept_events` is how many of an issue's newest
/// events are kept beside its first.
#[must_use]
pub fn plan<'a>(sorted: &Sorted<'a>, known: Vec<KnownIssue>, kept_events: i64) -> Plan<'a> {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; sorted.len];
    let mut projects: Vec<ProjectPlan<'a>> = Vec::new();
    let mut issues = Vec::with_capacity(known.len());
    for (group, known) in sorted.groups.iter().zip(known) {
        plan_project(group, known.project, &mut projects);
        let rule = known.project.unwrap_or(ProjectState::NEW).rule;
        let mut state = known.state;
        let (before, first_seen) = (state.events, state.first_seen);
        let (mut history, mut releases) = (Vec::new(), Vec::new());
        let mut announcement = IssueEventKind::Counted;
        for (&at, &report) in group.positions.iter().zip(&group.reports) {
            let (outcome, entry) = state.apply(report, rule, &known.releases);
            match outcome {
                Outcome::Created { .. } => announcement = IssueEventKind::Created,
                Outcome::Regressed { .. } => announcement = IssueEventKind::Regressed,
                Outcome::Deduplicated { .. } => {}
            }
            history.extend(entry);
            remember_releases(&mut state, report, &mut releases);
            outcomes[at] = Some(outcome);
        }
        let begins_earlier = state.first_seen != first_seen;
        issues.push(IssuePlan {
            state,
            before,
            begins_earlier,
            history,
            releases,
            announcement,
            kept_events,
        });
    }
    answer_repeats(sorted, &issues, &mut outcomes);
    Plan { issues, projects, outcomes: outcomes.into_iter().flatten().collect() }
}

/// Creates an unknown project, and fills in its repository where that is empty.
fn plan_project<'a>(group: &Group<'a>, known: Option<ProjectState>, plans: &mut Vec<ProjectPlan<'a>>) {
    let ReceivedReport { report, received_at, .. } = group.first();
    let planned = plans.iter().position(|plan| plan.project_id == &report.project_id);
    let is_filled = match planned {
        Some(at) => plans[at].repo_url.is_some(),
        None => known.is_some_and(|project| project.has_repo_url),
    };
    let named = |one: &&ReceivedReport| {
        let url = one.report.repo_url.as_deref().filter(|url| !url.is_empty())?;
        Some((Url::cut(url), one.received_at))
    };
    let found = if is_filled { None } else { group.reports.iter().find_map(named) };
    let (repo_url, at) = found.map_or((None, *received_at), |(url, at)| (Some(url), at));
    match planned {
        Some(planned) if repo_url.is_some() => plans[planned].repo_url = repo_url,
        Some(_) => {}
        None if known.is_none() || repo_url.is_some() => {
            let creates = known.is_none();
            plans.push(ProjectPlan { project_id: &report.project_id, creates, repo_url, at });
        }
        None => {}
    }
}

/// Notes the releases that a report names, unless the report before named the same.
fn remember_releases<'a>(
    state: &mut IssueState,
    report: &'a ReceivedReport,
    releases: &mut Vec<(&'a str, Timestamp)>,
) {
    let (version, commit_hash) = (&report.report.version, &report.report.commit_hash);
    if state.version == *version && state.commit_hash == *commit_hash {
        return;
    }
    (state.version, state.commit_hash) = (version.clone(), commit_hash.clone());
    releases.extend(report.releases().map(|release| (release, report.received_at)));
}

/// A repeat is answered with the status that its issue has after the batch.
fn answer_repeats(sorted: &Sorted<'_>, issues: &[IssuePlan<'_>], outcomes: &mut [Option<Outcome>]) {
    for &(at, repeat) in &sorted.repeats {
        let (id, recorded) = match repeat {
            RepeatOf::Recorded(Recorded { id, status }) => (Some(id), status),
            RepeatOf::InBatch(first) => (outcomes[first].map(Outcome::id), Status::New),
        };
        outcomes[at] = id.map(|id| {
            let planned = issues.iter().find(|plan| plan.state.id == id);
            Outcome::Deduplicated { id, status: planned.map_or(recorded, |plan| plan.state.status) }
        });
    }
}
