//! Decides what a batch changes.

use super::sort::{Group, Recorded, RepeatOf, Sorted};
use super::state::{IssueState, SeenRelease};
use crate::domain::history::HistoryEntry;
use crate::domain::ids::EventNumber;
use crate::domain::issue_event::IssueEventKind;
use crate::domain::received::{Outcome, ReceivedReport};
use crate::domain::text::Url;
use logcenter_core::{ProjectId, RegressionRule, Status, Timestamp};

/// What recording needs to know about a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectState {
    /// Which events reopen its issues.
    pub rule: RegressionRule,
    /// Whether its `repo_url` is set.
    pub has_repo_url: bool,
}

impl ProjectState {
    /// A project created by a report.
    pub const NEW: Self = Self { rule: RegressionRule::Any, has_repo_url: false };
}

/// What is known about the issue of a [`Group`].
#[derive(Debug)]
pub struct KnownIssue {
    /// The issue; a new one if there was none.
    pub state: IssueState,
    /// The releases in the group that the issue was already seen in; empty unless
    /// [`depends_on_releases`](IssueState::depends_on_releases).
    pub releases: Vec<SeenRelease>,
    /// Its project; `None` if it does not exist yet.
    pub project: Option<ProjectState>,
}

/// What a batch changes about one issue.
#[derive(Debug)]
pub struct IssuePlan<'a> {
    /// The issue afterwards.
    pub state: IssueState,
    /// The number of events beforehand.
    pub before: EventNumber,
    /// Whether `first_seen` moved to an earlier time.
    pub begins_earlier: bool,
    /// Status changes for the history.
    pub history: Vec<HistoryEntry>,
    /// Releases that the issue may not have been seen in before, with the time of the report.
    pub releases: Vec<(&'a str, Timestamp)>,
    /// How the change is announced.
    pub announcement: IssueEventKind,
    kept_events: i64,
}

impl IssuePlan<'_> {
    /// Whether the issue is new.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.before.0 == 0
    }

    /// The events of the group to keep: the very first of the issue, and its newest ones.
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

/// What a batch changes about a project.
#[derive(Debug, PartialEq, Eq)]
pub struct ProjectPlan<'a> {
    /// The project.
    pub project_id: &'a ProjectId,
    /// Whether the project is created.
    pub creates: bool,
    /// The `repo_url` to set.
    pub repo_url: Option<Url>,
    /// The time of the change.
    pub at: Timestamp,
}

/// What a batch changes.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The change to each group's issue.
    pub issues: Vec<IssuePlan<'a>>,
    /// The changes to projects.
    pub projects: Vec<ProjectPlan<'a>>,
    /// The outcome of each report, in the order of the batch.
    pub outcomes: Vec<Outcome>,
}

/// Decides what a batch changes. `known` corresponds to the groups one to one; `kept_events` is how many of an issue's
/// newest events are kept in addition to the first.
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

/// Creates an unknown project, and sets its `repo_url` if it is empty.
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

/// Records the releases that a report names, unless the previous report named the same ones.
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

/// Repeats get the status that their issue has after the batch.
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
