//! `GET /issues`: the list of issues.

use crate::dashboard::ui::chart::{Chart, DAY_MILLIS, HOUR_MILLIS};
use crate::dashboard::ui::excerpt::{excerpt, without_middle};
use crate::dashboard::ui::export::location;
use crate::dashboard::ui::fault::{Fault, html};
use crate::dashboard::ui::form::{Form, QueryForm};
use crate::dashboard::ui::page_context::Ui;
use crate::dashboard::ui::snippets::first_report;
use crate::domain::overview::new_since;
use crate::domain::query::{Condition, Is, Key, Misfit, Query, Term, Test, parse};
use crate::domain::{
    Cursor, Issue, IssueFilter, IssueId, MAX_SEARCH_CHARS, PageRequest, PeriodCount, Project, Sort,
    StateCount,
};
use crate::state::{SharedState, State as Shared};
use crate::store::StoreError;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};
use std::collections::HashMap;

/// Maximum number of projects in a select box.
pub(crate) const CHOICES: usize = 200;

/// Issues per page.
const LIMIT: u32 = 50;

/// Maximum number of rows refreshed at once.
const MOST_ROWS: usize = 200;

/// Maximum size of all messages on a page, of all types and of all files, in bytes each.
const TEXTS: usize = 10 * 1024;

/// An issue in a list.
pub(crate) struct Row {
    pub(crate) issue: Issue,
    /// Its events over the last 24 hours, as a chart.
    pub(crate) spark: Chart,
    /// Number of events in those 24 hours.
    pub(crate) day: i64,
    /// Whether the row stays selected because the bulk change failed for it.
    pub(crate) chosen: bool,
    /// Whether the row is on the overview, which has no selection and may show an issue twice.
    pub(crate) on_overview: bool,
    /// Whether the issue matches the list's filter.
    pub(crate) fits: bool,
}

impl Row {
    pub(crate) async fn of(state: &Shared, ui: &Ui, issues: Vec<Issue>) -> Result<Vec<Self>, StoreError> {
        let ids = issues.iter().map(|issue| issue.id).collect();
        let since = ui.now.minus_millis(DAY_MILLIS - HOUR_MILLIS);
        let mut hours: HashMap<IssueId, Vec<PeriodCount>> = HashMap::new();
        for (id, hour) in state.store.issue_hours(ids, since).await? {
            hours.entry(id).or_default().push(hour);
        }
        let row = |mut issue: Issue| {
            issue.error.message = first_line(&issue.error.message).to_owned();
            let hours = hours.remove(&issue.id).unwrap_or_default();
            let day = hours.iter().map(|hour| hour.count).sum();
            let label = ui.with("issues.spark", day);
            Self {
                spark: Chart::of("spark", label, &hours, HOUR_MILLIS, 24, ui.now),
                day,
                issue,
                chosen: false,
                on_overview: false,
                fits: true,
            }
        };
        let mut rows: Vec<Self> = issues.into_iter().map(row).collect();
        excerpt(rows.iter_mut().map(|row| &mut row.issue.error.message), TEXTS);
        excerpt(rows.iter_mut().map(|row| &mut row.issue.error.error_type), TEXTS);
        excerpt(rows.iter_mut().filter_map(|row| row.issue.error.file_path.as_mut()), TEXTS);
        Ok(rows)
    }

    /// Whether it came back after a fix, and is not fixed again.
    pub(crate) fn is_regressed(&self) -> bool {
        self.issue.regressions > 0 && self.issue.status.is_open()
    }

    /// Whether it was seen for the first time within a day.
    pub(crate) fn is_new(&self, now: &Timestamp) -> bool {
        self.issue.status == Status::New && self.issue.first_seen >= new_since(*now)
    }

    /// `file:line`, if the error has them.
    pub(crate) fn place(&self) -> Option<String> {
        location(&self.issue)
    }

    /// The same, short enough that what follows it is seen.
    pub(crate) fn short_place(&self) -> String {
        without_middle(&self.place().unwrap_or_default(), PLACE)
    }
}

/// Longest `file:line` in a list, in characters.
const PLACE: usize = 60;

/// The first line of a message: a list shows no more.
fn first_line(message: &str) -> &str {
    message.trim_start().lines().next().unwrap_or_default()
}

#[derive(Template)]
#[template(source = r#"<ol>{% for row in rows %}{% include "row.html" %}{% endfor %}</ol>"#, ext = "html")]
struct Rows {
    ui: Ui,
    rows: Vec<Row>,
}

/// Result of a bulk change for one issue.
pub(crate) struct Done {
    pub(crate) id: IssueId,
    pub(crate) done: bool,
    pub(crate) text: String,
}

#[derive(Template)]
#[template(path = "issues.html")]
pub(crate) struct Page {
    ui: Ui,
    query: Query,
    line: String,
    sort: Sort,
    rows: Vec<Row>,
    projects: Vec<Project>,
    /// Whether there are no issues at all.
    fresh: bool,
    next: Option<String>,
    first: Option<String>,
    pub(crate) done: Vec<Done>,
    /// The note that was entered for a bulk change, kept so that it is not lost.
    pub(crate) note: String,
    cursor: Option<String>,
    example: String,
    /// How many issues are in each state, if the query asks for nothing else than that and a project, and there are not too
    /// many.
    states: Option<Vec<StateCount>>,
}

impl Page {
    /// Reads the requested page of the list.
    pub(crate) async fn read(state: &Shared, ui: Ui, params: &mut Form) -> Result<Self, Fault> {
        let line = asked(params.peek("q"));
        let sort: Sort = params.take("sort").and_then(|word| word.parse().ok()).unwrap_or_default();
        let query = read(&line, ui.now);
        let after: Option<Cursor> = params.take("cursor").and_then(|cursor| cursor.parse().ok());
        let after = after.filter(|cursor| cursor.sort == sort);
        let page = PageRequest { sort, limit: LIMIT, after };
        let states = match counted(&query) {
            Some(project_id) => state.store.state_counts(project_id).await?,
            None => None,
        };
        let (issues, more) = if query.misfits.is_empty() {
            let filter = IssueFilter { conditions: query.conditions().collect(), ..IssueFilter::default() };
            let page = state.store.issues(filter, page).await?;
            (page.items, page.more)
        } else {
            (Vec::new(), false)
        };
        let last = issues.last().filter(|_| more);
        let cursor = last.map(|issue| Cursor { sort, key: sort.key(issue), id: issue.id }.to_string());
        let line = query.line();
        let may_be_fresh = issues.is_empty() && (line.is_empty() || line == DEFAULT);
        let any = PageRequest { sort: Sort::default(), limit: 1, after: None };
        let fresh = may_be_fresh && state.store.issues(IssueFilter::default(), any).await?.items.is_empty();
        Ok(Self {
            next: cursor.map(|cursor| ui.link(&address(&line, sort, Some(&cursor)))),
            first: after.map(|_| ui.link(&address(&line, sort, None))),
            fresh,
            rows: Row::of(state, &ui, issues).await?,
            projects: choices(state.store.projects().await?, project(&query)),
            example: first_report(&ui),
            done: Vec::new(),
            note: String::new(),
            cursor: after.map(|cursor| cursor.to_string()),
            line,
            sort,
            query,
            states,
            ui,
        })
    }

    fn environment(&self) -> &str {
        self.query
            .only(|test| if let Test::Environment(all) = test { Some(all) } else { None })
            .map_or("", |name| name)
    }

    fn is_status(&self, status: &Status) -> bool {
        self.query.only(|test| if let Test::Status(all) = test { Some(all) } else { None }) == Some(status)
    }

    fn is_source(&self, source: &Source) -> bool {
        self.query.only(|test| if let Test::Source(all) = test { Some(all) } else { None }) == Some(source)
    }

    fn is_level(&self, level: &Level) -> bool {
        self.query.only(|test| if let Test::Level(all) = test { Some(all) } else { None }) == Some(level)
    }

    fn is_project(&self, one: &Project) -> bool {
        project(&self.query) == Some(&one.project_id)
    }

    /// The project that is asked for, if it is none of those to choose from.
    fn unknown_project(&self) -> Option<&ProjectId> {
        project(&self.query).filter(|id| !self.projects.iter().any(|one| one.project_id == **id))
    }

    /// The list of the query with the nearest right word in place of this one.
    fn corrected(&self, misfit: &Misfit) -> String {
        let terms = self.query.terms.iter().map(|term| &*term.text);
        let misfits = self.query.misfits.iter().map(|one| match &one.nearest {
            Some(nearest) if one == misfit => nearest,
            _ => &one.text,
        });
        let line: Vec<&str> = terms.chain(misfits.map(String::as_str)).collect();
        self.ui.link(&address(&line.join(" "), self.sort, None))
    }

    /// The same list of another state; `None` of all.
    fn tab(&self, is: Option<&Is>) -> String {
        let mut query = self.query.clone();
        query.terms.retain(|term| !is_of_state(term));
        query.set(Key::Is, is.map(|is| is.as_str()));
        self.ui.link(&address(&query.line(), self.sort, None))
    }

    /// How many issues are in the list of another state.
    fn number(&self, is: Option<&Is>) -> Option<String> {
        let all = |counts: &[StateCount]| counts.iter().map(|count| count.issues).sum();
        let number = |counts: &Vec<StateCount>| is.map_or_else(|| all(counts), |is| is.count(counts));
        self.states.as_ref().map(|counts| self.ui.number(number(counts)))
    }

    /// Whether the list is of this state, or of all.
    fn is_tab(&self, is: Option<&Is>) -> bool {
        let mut states = self.query.terms.iter().filter(|term| is_of_state(term));
        match (states.next(), states.next(), is) {
            (None, _, None) => true,
            (Some(one), None, Some(is)) => one.condition == Test::Is(vec![*is]).wanted(),
            _ => false,
        }
    }

    /// Whether the list is that which is shown unless something is asked for.
    fn is_default(&self) -> bool {
        self.line == DEFAULT && self.sort == Sort::default()
    }

    /// Whether issues leave the list when their status changes.
    fn is_queue(&self) -> bool {
        self.query.terms.iter().any(is_of_state)
    }

    /// Keeps the rows selected whose change failed.
    pub(crate) fn keep_failed_selected(&mut self) {
        let not_done: Vec<IssueId> = self.done.iter().filter(|one| !one.done).map(|one| one.id).collect();
        for row in &mut self.rows {
            row.chosen = not_done.contains(&row.issue.id);
        }
    }

    /// The query string of this list, for forms that return to it.
    fn bulk_query(&self) -> String {
        address(&self.line, self.sort, self.cursor.as_deref())
            .strip_prefix("/issues")
            .unwrap_or_default()
            .to_owned()
    }
}

/// The project whose issues the tabs count; `None` if counting them would take a search.
fn counted(query: &Query) -> Option<Option<ProjectId>> {
    let mut others = query.terms.iter().filter(|term| !is_of_state(term));
    let first = others.next().map(|term| &term.condition);
    let one = match first {
        None => None,
        Some(Condition { excluded: false, test: Test::Project(all) }) => {
            Some(all.first().filter(|_| all.len() == 1)?)
        }
        Some(_) => return None,
    };
    others.next().is_none().then(|| one.cloned())
}

fn is_of_state(term: &Term) -> bool {
    matches!(term.condition.test.key(), Some(Key::Status | Key::Is))
}

/// What is listed unless something is asked for.
const DEFAULT: &str = "is:open";

/// The query of a list; an empty one asks for everything.
fn asked(q: Option<String>) -> String {
    q.unwrap_or_else(|| DEFAULT.into())
}

/// The beginning of a text, as a query.
fn read(line: &str, now: Timestamp) -> Query {
    let end = line.char_indices().nth(MAX_SEARCH_CHARS).map_or(line.len(), |(at, _)| at);
    parse(&line[..end], now)
}

fn project(query: &Query) -> Option<&ProjectId> {
    query.only(|test| if let Test::Project(all) = test { Some(all) } else { None })
}

/// The query, with what the controls say in place of its own conditions of these keys. `None` if the controls were not used.
fn controlled(mut query: Query, params: &mut Form) -> Option<Query> {
    params.take("controls")?;
    for (name, key) in [
        ("status", Key::Status),
        ("project", Key::Project),
        ("source", Key::Source),
        ("level", Key::Level),
        ("environment", Key::Env),
    ] {
        let value = params.take(name);
        if key == Key::Status && value.is_some() {
            // A list of another state would have no issue with this status.
            query.terms.retain(|term| term.condition.test.key() != Some(Key::Is));
        }
        query.set(key, value.as_deref());
    }
    Some(query)
}

/// The projects offered in the select box: at most [`CHOICES`], always including the selected one.
fn choices(mut projects: Vec<Project>, chosen: Option<&ProjectId>) -> Vec<Project> {
    let offered = projects.iter().position(|project| Some(&project.project_id) == chosen);
    if let Some(at) = offered.filter(|at| *at >= CHOICES) {
        projects.swap(at, CHOICES - 1);
    }
    projects.truncate(CHOICES);
    projects
}

/// The address of a list, relative to the router's prefix.
fn address(line: &str, sort: Sort, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if line != DEFAULT {
        query.append_pair("q", line);
    }
    if sort != Sort::default() {
        query.append_pair("sort", sort.as_str());
    }
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let query = query.finish();
    if query.is_empty() { "/issues".into() } else { format!("/issues?{query}") }
}

/// `GET /issues`
pub(crate) async fn issues(
    State(state): State<SharedState>,
    ui: Ui,
    QueryForm(mut params): QueryForm,
) -> Result<Response, Fault> {
    // The controls express the same filter with separate parameters: redirect to the one canonical address.
    let line = asked(params.peek("q"));
    if let Some(query) = controlled(read(&line, ui.now), &mut params) {
        let sort = params.take("sort").and_then(|word| word.parse().ok()).unwrap_or_default();
        return Ok(Redirect::to(&ui.link(&address(&query.line(), sort, None))).into_response());
    }
    Ok(html(&Page::read(&state, ui, &mut params).await?))
}

/// `GET /issues/rows?ids=1,2`: the given issues as rows of the requested list, for the page's script.
pub(crate) async fn rows(
    State(state): State<SharedState>,
    ui: Ui,
    QueryForm(mut params): QueryForm,
) -> Result<Response, Fault> {
    let ids = params.take("ids").unwrap_or_default();
    let ids: Vec<IssueId> = ids.split(',').filter_map(|id| id.parse().ok()).take(MOST_ROWS).collect();
    let query = read(&asked(params.peek("q")), ui.now);
    let is_right = query.misfits.is_empty();
    let page = PageRequest { sort: Sort::default(), limit: MOST_ROWS as u32, after: None };
    let issues = state.store.issues(IssueFilter::among(ids.clone()), page).await?.items;
    let these = IssueFilter { conditions: query.conditions().collect(), ..IssueFilter::among(ids) };
    let of_list = state.store.issues(these, page).await?.items;
    let mut rows = Row::of(&state, &ui, issues).await?;
    for row in &mut rows {
        row.fits = is_right && of_list.iter().any(|issue| issue.id == row.issue.id);
    }
    Ok(html(&Rows { ui, rows }))
}
