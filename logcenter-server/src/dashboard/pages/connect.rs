//! `GET /connect`: snippets to paste, with the project and this server's address filled in.

use crate::dashboard::pages::issues::CHOICES;
use crate::dashboard::ui::fault::{Fault, html};
use crate::dashboard::ui::form::QueryForm;
use crate::dashboard::ui::page_context::Ui;
use crate::dashboard::ui::snippets::{self, Snippet};
use crate::state::SharedState;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use logcenter_core::ProjectId;

#[derive(Template)]
#[template(path = "connect.html")]
struct Page {
    ui: Ui,
    project_id: String,
    projects: Vec<String>,
    snippets: Vec<Snippet>,
}

/// `GET /connect`
pub(crate) async fn connect(
    State(state): State<SharedState>,
    ui: Ui,
    QueryForm(mut query): QueryForm,
) -> Result<Response, Fault> {
    let wanted = query.take("project").and_then(|id| id.parse::<ProjectId>().ok());
    let project_id = wanted.map_or_else(|| "my_project".into(), |id| id.to_string());
    let projects = state.store.projects().await?.into_iter().take(CHOICES);
    let projects = projects.map(|project| project.project_id.to_string());
    let snippets = snippets::all(&ui, &project_id);
    Ok(html(&Page { projects: projects.collect(), snippets, project_id, ui }))
}
