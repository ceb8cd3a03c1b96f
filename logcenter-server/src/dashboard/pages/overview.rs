//! `GET /`: the overview, with what needs attention first.

use crate::dashboard::pages::issues::Row;
use crate::dashboard::ui::chart::{Chart, DAY_MILLIS};
use crate::dashboard::ui::fault::{Fault, html};
use crate::dashboard::ui::page_context::Ui;
use crate::dashboard::ui::pipeline::{BESIDE, PATH};
use crate::domain::overview::new_since;
use crate::domain::query::Test;
use crate::domain::{Health, Issue, IssueFilter, IssueId, Overview, PageRequest, Project, Sort};
use crate::state::SharedState;
use crate::store::{Store, StoreError};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use logcenter_core::{Source, Status, Timestamp};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Issues per list on this page.
const LIST: usize = 6;

/// How many regressed issues are examined; of these, the open ones are shown.
const MAX_REGRESSIONS: usize = 50;

/// Projects on the page.
const PROJECTS: usize = 50;

/// How many candidates for the noisiest issues each of three lists contributes: highest totals, last seen, and new.
/// Only an issue's hours tell how noisy its day was, and reading those of all issues would take too long.
const CANDIDATES: u32 = 100;

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    ui: Ui,
    /// The way of issues to their fix, and what is beside it.
    path: Vec<(Status, i64)>,
    beside: Vec<(Status, i64)>,
    sources: Vec<(Source, i64)>,
    issues: i64,
    open: i64,
    new: i64,
    regressed_total: usize,
    day: i64,
    chart: Chart,
    /// Regressed issues, then new ones.
    needs_attention: Vec<Row>,
    noisiest: Vec<Row>,
    projects: Vec<(Project, Health)>,
}

/// `GET /`
pub(crate) async fn overview(State(state): State<SharedState>, ui: Ui) -> Result<Response, Fault> {
    let store = &state.store;
    let (now, day_ago) = (ui.now, new_since(ui.now));
    let are_new = IssueFilter::of([Test::Status(vec![Status::New])]);
    let recent = || IssueFilter::of([Test::Since(day_ago)]);
    let (overview, newest, most, latest, projects) = tokio::try_join!(
        store.overview(now, now.minus_millis(7 * DAY_MILLIS)),
        store.issues(are_new, first(Sort::FirstSeen, CANDIDATES)),
        store.issues(recent(), first(Sort::Count, CANDIDATES)),
        store.issues(recent(), first(Sort::LastSeen, CANDIDATES)),
        store.projects(),
    )?;
    let back = open_regressions(store.as_ref(), &overview.regressed).await?;
    let mut new: Vec<Issue> = newest.items;
    new.retain(|issue| issue.first_seen >= day_ago);
    let mut candidates = most.items;
    candidates.extend(latest.items);
    candidates.extend(new.iter().cloned());
    let noisiest = noisiest(store.as_ref(), candidates, day_ago).await?;
    new.retain(|issue| !back.iter().any(|known: &Issue| known.id == issue.id));
    new.sort_by_key(|issue| (Reverse(issue.level), Reverse(issue.first_seen)));
    let needs_attention = back.into_iter().chain(new).take(LIST).collect();
    let mut needs_attention = Row::of(&state, &ui, needs_attention).await?;
    let mut noisiest = Row::of(&state, &ui, noisiest).await?;
    for row in needs_attention.iter_mut().chain(&mut noisiest) {
        row.on_overview = true;
    }
    let projects = health(&overview, projects);
    let page = page(ui, &overview, needs_attention, noisiest, projects);
    Ok(html(&page))
}

/// The regressed issues that are still open, latest first.
async fn open_regressions(store: &dyn Store, regressed: &[IssueId]) -> Result<Vec<Issue>, StoreError> {
    let among: Vec<IssueId> = regressed.iter().take(MAX_REGRESSIONS).copied().collect();
    let these = IssueFilter::among(among.clone());
    let mut issues = store.issues(these, first(Sort::LastSeen, MAX_REGRESSIONS as u32)).await?.items;
    issues.retain(|issue| issue.status.is_open());
    issues.sort_by_key(|issue| among.iter().position(|id| *id == issue.id));
    issues.truncate(LIST);
    Ok(issues)
}

/// The open issues with the most events since then.
async fn noisiest(
    store: &dyn Store,
    mut issues: Vec<Issue>,
    since: Timestamp,
) -> Result<Vec<Issue>, StoreError> {
    issues.retain(|issue| issue.status.is_open());
    issues.sort_by_key(|issue| issue.id);
    issues.dedup_by_key(|issue| issue.id);
    let mut counts: HashMap<IssueId, i64> = HashMap::new();
    for (id, hour) in store.issue_hours(issues.iter().map(|issue| issue.id).collect(), since).await? {
        *counts.entry(id).or_default() += hour.count;
    }
    issues.sort_by_key(|issue| Reverse(counts.get(&issue.id).copied()));
    issues.truncate(LIST);
    Ok(issues)
}

const fn first(sort: Sort, limit: u32) -> PageRequest {
    PageRequest { sort, limit, after: None }
}

/// The projects that need attention most.
fn health(overview: &Overview, projects: Vec<Project>) -> Vec<(Project, Health)> {
    let health = overview.health();
    let of = |project: Project| {
        let health = health.get(&project.project_id).copied().unwrap_or_default();
        (project, health)
    };
    let mut projects: Vec<_> = projects.into_iter().map(of).collect();
    projects.sort_by_key(|(_, health)| (Reverse(health.day), Reverse(health.open)));
    projects.truncate(PROJECTS);
    projects
}

fn page(
    ui: Ui,
    overview: &Overview,
    needs_attention: Vec<Row>,
    noisiest: Vec<Row>,
    projects: Vec<(Project, Health)>,
) -> Page {
    let sum = |holds: &dyn Fn(Status, Source) -> bool| {
        let counts = overview.counts.iter().filter(|count| holds(count.status, count.source));
        counts.map(|count| count.issues).sum::<i64>()
    };
    let of_status = |status: Status| (status, sum(&|at, _| at == status));
    let day_ago = new_since(ui.now);
    let day = overview.hours.iter().filter(|hour| hour.at > day_ago).map(|hour| hour.count).sum();
    Page {
        path: PATH.map(of_status).to_vec(),
        beside: BESIDE.map(|(status, _)| of_status(status)).to_vec(),
        sources: Source::ALL
            .iter()
            .map(|&source| (source, sum(&|status, at| at == source && status.is_open())))
            .collect(),
        issues: sum(&|_, _| true),
        open: sum(&|status, _| status.is_open()),
        new: overview.new,
        regressed_total: overview.regressed.len(),
        day,
        chart: Chart::by_source(ui.t("overview.chart").into(), &overview.hours, 2, 84, ui.now)
            .with_description(&ui),
        needs_attention,
        noisiest,
        projects,
        ui,
    }
}
