//! `GET`, `POST /projects`

use super::fault::{Fault, html};
use super::form::{Asked, Form};
use super::overview::is_open;
use super::ui::Ui;
use crate::center::Center;
use crate::domain::{Project, ProjectEdit};
use crate::store::Editor;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::ProjectId;
use std::collections::HashMap;

/// Projects on a page.
const LIMIT: usize = 200;

/// A project in the list.
struct Row {
    project: Project,
    open: i64,
    day: i64,
}

#[derive(Template)]
#[template(path = "projects.html")]
struct Page {
    ui: Ui,
    rows: Vec<Row>,
    next: Option<String>,
}

/// `GET /projects`
pub(super) async fn projects(
    State(center): State<Center>,
    ui: Ui,
    Asked(mut asked): Asked,
) -> Result<Response, Fault> {
    let after = asked.take("after").unwrap_or_default();
    let overview = center.store.overview(ui.now, ui.now).await?;
    let day: HashMap<ProjectId, i64> = overview.projects.into_iter().collect();
    let mut open: HashMap<ProjectId, i64> = HashMap::new();
    for count in overview.counts.into_iter().filter(|count| is_open(count.status)) {
        *open.entry(count.project_id).or_default() += count.issues;
    }
    let of = |counts: &HashMap<ProjectId, i64>, id: &ProjectId| counts.get(id).copied().unwrap_or_default();
    let mut projects = center.store.projects().await?;
    projects.retain(|project| project.project_id.as_str() > after.as_str());
    let more = projects.len() > LIMIT;
    projects.truncate(LIMIT);
    let last = projects.last().filter(|_| more);
    let next = last.map(|last| ui.link(&format!("/projects?after={}", last.project_id)));
    let rows = projects.into_iter().map(|project| Row {
        open: of(&open, &project.project_id),
        day: of(&day, &project.project_id),
        project,
    });
    Ok(html(&Page { rows: rows.collect(), next, ui }))
}

/// `POST /projects`: creates one, and shows it.
pub(super) async fn create(State(center): State<Center>, ui: Ui, mut form: Form) -> Result<Response, Fault> {
    let id = form.take("project_id").and_then(|id| id.parse::<ProjectId>().ok());
    let id = id.ok_or(Fault::Invalid("fault.project_id"))?;
    center.store.edit_project(id.clone(), ProjectEdit::default(), Editor::Administrator, ui.now).await?;
    Ok(Redirect::to(&ui.link(&format!("/projects/{id}"))).into_response())
}
