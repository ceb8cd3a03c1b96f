//! `GET`, `POST /projects`

use crate::dashboard::ui::fault::{Fault, html};
use crate::dashboard::ui::form::{Form, QueryForm};
use crate::dashboard::ui::page_context::Ui;
use crate::domain::{Editor, Health, Project, ProjectEdit};
use crate::service;
use crate::state::SharedState;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::ProjectId;

/// Projects per page.
const LIMIT: usize = 200;

#[derive(Template)]
#[template(path = "projects.html")]
struct Page {
    ui: Ui,
    projects: Vec<(Project, Health)>,
    next: Option<String>,
}

/// `GET /projects`
pub(crate) async fn projects(
    State(state): State<SharedState>,
    ui: Ui,
    QueryForm(mut query): QueryForm,
) -> Result<Response, Fault> {
    let after = query.take("after").unwrap_or_default();
    let overview = state.store.overview(ui.now, ui.now).await?;
    let health = overview.health();
    let mut projects = state.store.projects().await?;
    projects.retain(|project| project.project_id.as_str() > after.as_str());
    let more = projects.len() > LIMIT;
    projects.truncate(LIMIT);
    let last = projects.last().filter(|_| more);
    let next = last.map(|last| ui.link(&format!("/projects?after={}", last.project_id)));
    let of = |project: Project| {
        let health = health.get(&project.project_id).copied().unwrap_or_default();
        (project, health)
    };
    Ok(html(&Page { projects: projects.into_iter().map(of).collect(), next, ui }))
}

/// `POST /projects`: creates a project and shows it.
pub(crate) async fn create(
    State(state): State<SharedState>,
    ui: Ui,
    mut form: Form,
) -> Result<Response, Fault> {
    let id = form.take("project_id").and_then(|id| id.parse::<ProjectId>().ok());
    let id = id.ok_or(Fault::Invalid("fault.project_id"))?;
    service::projects::edit(&state, id.clone(), ProjectEdit::default(), Editor::Administrator).await?;
    Ok(Redirect::to(&ui.link(&format!("/projects/{id}"))).into_response())
}
