//! `GET /issues`: the list.

use super::chart::{Chart, DAY_MILLIS, HOUR_MILLIS};
use super::excerpt::excerpt;
use super::fault::{Fault, html};
use super::form::{Asked, Form};
use super::query::{Query, said_as_text};
use super::ui::Ui;
use crate::center::{Center, Inner};
use crate::domain::{Cursor, Issue, IssueFilter, IssuePage, PeriodCount, Project, Sort};
use crate::store::StoreError;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::{Level, ProjectId, Source, Status};
use std::collections::HashMap;

/// Projects that are offered for choice.
pub(super) const CHOICES: usize = 200;

/// Issues on a page.
const LIMIT: u32 = 50;

/// Issues that are renewed at once.
const MOST_ROWS: usize = 200;

/// Messages on a page, types and files, in bytes each.
const TEXTS: usize = 10 * 1024;

/// An issue in a list.
pub(super) struct Row {
    pub(super) issue: Issue,
    /// Its last 24 hours.
    pub(super) spark: Chart,
    /// Its errors in them.
    pub(super) day: i64,
    /// Whether it is still chosen, since what was to be done with it was not.
    pub(super) chosen: bool,
    /// Whether it stands on the overview, where nothing is chosen, and an issue may stand twice.
    pub(super) brief: bool,
    /// Whether it belongs to the list as that is narrowed.
    pub(super) fits: bool,
}

impl Row {
    pub(super) async fn of(center: &Inner, ui: &Ui, issues: Vec<Issue>) -> Result<Vec<Self>, StoreError> {
        let ids = issues.iter().map(|issue| issue.id).collect();
        let since = ui.now.minus_millis(DAY_MILLIS - HOUR_MILLIS);
        let mut hours: HashMap<i64, Vec<PeriodCount>> = HashMap::new();
        for (id, hour) in center.store.issue_hours(ids, since).await? {
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
                brief: false,
                fits: true,
            }
        };
        let mut rows: Vec<Self> = issues.into_iter().map(row).collect();
        excerpt(rows.iter_mut().map(|row| &mut row.issue.error.message), TEXTS);
        excerpt(rows.iter_mut().map(|row| &mut row.issue.error.error_type), TEXTS);
        excerpt(rows.iter_mut().filter_map(|row| row.issue.error.file_path.as_mut()), TEXTS);
        Ok(rows)
    }

    /// `file:line`, where the error names them.
    pub(super) fn place(&self) -> Option<String> {
        place(&self.issue)
    }
}

/// `file:line`.
pub(super) fn place(issue: &Issue) -> Option<String> {
    let file = issue.error.file_path.as_ref().filter(|file| !file.is_empty())?;
    Some(match issue.error.line_number {
        Some(line) => format!("{file}:{line}"),
        None => file.clone(),
    })
}

/// The first line of a message, which is all that a list shows.
fn first_line(message: &str) -> &str {
    message.trim_start().lines().next().unwrap_or_default()
}

#[derive(Template)]
#[template(source = r#"<ol>{% for row in rows %}{% include "row.html" %}{% endfor %}</ol>"#, ext = "html")]
struct Rows {
    ui: Ui,
    rows: Vec<Row>,
}

/// What became of an issue when many were to be changed.
pub(super) struct Done {
    pub(super) id: i64,
    pub(super) done: bool,
    pub(super) text: String,
}

#[derive(Template)]
#[template(path = "issues.html")]
pub(super) struct Page {
    ui: Ui,
    query: Query,
    line: String,
    sort: Sort,
    rows: Vec<Row>,
    projects: Vec<Project>,
    /// There is not a single issue anywhere.
    fresh: bool,
    next: Option<String>,
    first: Option<String>,
    pub(super) done: Vec<Done>,
    /// What somebody wrote for many, so that it is not lost.
    pub(super) note: String,
    cursor: Option<String>,
    example: String,
}

impl Page {
    /// The list that is asked for.
    pub(super) async fn read(center: &Inner, ui: Ui, asked: &mut Form) -> Result<Self, Fault> {
        let line = asked.take("q").unwrap_or_default();
        let sort: Sort = asked.take("sort").and_then(|word| word.parse().ok()).unwrap_or_default();
        let query = Query::read(&line);
        let after: Option<Cursor> = asked.take("cursor").and_then(|cursor| cursor.parse().ok());
        let after = after.filter(|cursor| cursor.sort == sort);
        let page = IssuePage { sort, limit: LIMIT, after };
        let (issues, more) = if query.wrong.is_empty() {
            let page = center.store.issues(query.filter.clone(), page).await?;
            (page.items, page.more)
        } else {
            (Vec::new(), false)
        };
        let last = issues.last().filter(|_| more);
        let cursor = last.map(|issue| Cursor { sort, key: sort.key(issue), id: issue.id }.to_string());
        let line = query.line();
        let is_all = line.is_empty() && after.is_none();
        Ok(Self {
            next: cursor.map(|cursor| ui.link(&address(&line, sort, Some(&cursor)))),
            first: after.map(|_| ui.link(&address(&line, sort, None))),
            fresh: is_all && issues.is_empty(),
            rows: Row::of(center, &ui, issues).await?,
            projects: choices(center.store.projects().await?, query.filter.project_id.as_ref()),
            example: super::connect::first_report(&ui),
            done: Vec::new(),
            note: String::new(),
            cursor: after.map(|cursor| cursor.to_string()),
            line,
            sort,
            query,
            ui,
        })
    }

    fn environment(&self) -> &str {
        self.query.filter.environment.as_deref().unwrap_or_default()
    }

    fn is_status(&self, status: &Status) -> bool {
        self.query.filter.status == Some(*status)
    }

    fn is_source(&self, source: &Source) -> bool {
        self.query.filter.source == Some(*source)
    }

    fn is_level(&self, level: &Level) -> bool {
        self.query.filter.level == Some(*level)
    }

    fn is_project(&self, project: &Project) -> bool {
        self.query.filter.project_id.as_ref() == Some(&project.project_id)
    }

    /// The text that is searched for, as the controls pass it on.
    fn text(&self) -> String {
        self.query.filter.q.as_deref().map(said_as_text).unwrap_or_default()
    }

    /// Leaves those chosen that were not changed.
    pub(super) fn choose_what_was_not_done(&mut self) {
        let not_done: Vec<i64> = self.done.iter().filter(|one| !one.done).map(|one| one.id).collect();
        for row in &mut self.rows {
            row.chosen = not_done.contains(&row.issue.id);
        }
    }

    /// The list's own query, for what posts and comes back to it.
    fn bulk_query(&self) -> String {
        address(&self.line, self.sort, self.cursor.as_deref())
            .strip_prefix("/issues")
            .unwrap_or_default()
            .to_owned()
    }
}

/// The projects that a control offers: as many as can be chosen from, the chosen one among them.
fn choices(mut projects: Vec<Project>, chosen: Option<&ProjectId>) -> Vec<Project> {
    let offered = projects.iter().position(|project| Some(&project.project_id) == chosen);
    if let Some(at) = offered.filter(|at| *at >= CHOICES) {
        projects.swap(at, CHOICES - 1);
    }
    projects.truncate(CHOICES);
    projects
}

/// The path of a list below the router's own.
fn address(line: &str, sort: Sort, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !line.is_empty() {
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
pub(super) async fn issues(
    State(center): State<Center>,
    ui: Ui,
    Asked(mut asked): Asked,
) -> Result<Response, Fault> {
    // The controls beside the line say the same in other words: the address has them in one.
    let line = asked.peek("q").unwrap_or_default();
    if let Some(query) = Query::read(&line).controlled(&mut asked) {
        let sort = asked.take("sort").and_then(|word| word.parse().ok()).unwrap_or_default();
        return Ok(Redirect::to(&ui.link(&address(&query.line(), sort, None))).into_response());
    }
    Ok(html(&Page::read(&center, ui, &mut asked).await?))
}

/// `GET /issues/rows?ids=1,2`: issues as rows of the list that is asked for, for the page's script.
pub(super) async fn rows(
    State(center): State<Center>,
    ui: Ui,
    Asked(mut asked): Asked,
) -> Result<Response, Fault> {
    let ids = asked.take("ids").unwrap_or_default();
    let ids: Vec<i64> = ids.split(',').filter_map(|id| id.parse().ok()).take(MOST_ROWS).collect();
    let query = Query::read(&asked.take("q").unwrap_or_default());
    let is_right = query.wrong.is_empty();
    let page = IssuePage { sort: Sort::default(), limit: MOST_ROWS as u32, after: None };
    let these = IssueFilter { among: Some(ids.clone()), ..IssueFilter::default() };
    let issues = center.store.issues(these, page).await?.items;
    let of_list = center.store.issues(IssueFilter { among: Some(ids), ..query.filter }, page).await?.items;
    let mut rows = Row::of(&center, &ui, issues).await?;
    for row in &mut rows {
        row.fits = is_right && of_list.iter().any(|issue| issue.id == row.issue.id);
    }
    Ok(html(&Rows { ui, rows }))
}
