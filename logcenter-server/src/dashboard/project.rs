//! `GET`, `POST /projects/{project_id}`

use super::fault::{Fault, html};
use super::form::{Asked, Form};
use super::ui::Ui;
use crate::address::path_parameter;
use crate::center::{Center, Inner};
use crate::domain::{Edit, IngestKey, Project, ProjectEdit};
use crate::store::Editor;
use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::{ProjectId, RegressionRule};

/// `{project_id}` of the path.
pub(super) struct Path(pub(super) ProjectId);

impl<S: Send + Sync> FromRequestParts<S> for Path {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let id = path_parameter(parts, state, "project_id").await;
        id.and_then(|id| id.parse().ok()).map(Self).ok_or(Fault::NotFound)
    }
}

#[derive(Template)]
#[template(path = "project.html")]
struct Page {
    ui: Ui,
    project: Project,
    keys: Vec<IngestKey>,
    saved: bool,
    /// A key that was just made; it is shown this once.
    new_key: Option<String>,
}

impl Page {
    fn is_rule(&self, rule: &RegressionRule) -> bool {
        self.project.regression_rule == *rule
    }
}

/// The page of a project.
pub(super) async fn show(
    center: &Inner,
    ui: Ui,
    project_id: ProjectId,
    saved: bool,
    new_key: Option<String>,
) -> Result<Response, Fault> {
    let project = center.store.project(project_id).await?.ok_or(Fault::NotFound)?;
    let keys = center.keys(&project.project_id).await?;
    Ok(html(&Page { ui, project, keys, saved, new_key }))
}

/// `GET /projects/{project_id}`
pub(super) async fn project(
    State(center): State<Center>,
    ui: Ui,
    Path(project_id): Path,
    Asked(mut asked): Asked,
) -> Result<Response, Fault> {
    show(&center, ui, project_id, asked.take("saved").is_some(), None).await
}

/// `POST /projects/{project_id}`
pub(super) async fn edit(
    State(center): State<Center>,
    ui: Ui,
    Path(project_id): Path,
    mut form: Form,
) -> Result<Response, Fault> {
    if center.store.project(project_id.clone()).await?.is_none() {
        return Err(Fault::NotFound);
    }
    let mut text = |name: &str, most: usize| match form.take(name) {
        None => Ok(Edit::Clear),
        Some(text) if text.chars().count() > most => Err(Fault::Invalid("fault.too_long")),
        Some(text) => Ok(Edit::Set(text)),
    };
    let edit = ProjectEdit {
        name: text("name", 200)?,
        repo_url: text("repo_url", 2000)?,
        local_path: text("local_path", 2000)?,
        description: text("description", 20_000)?,
        regression_rule: form.take("regression_rule").and_then(|word| word.parse().ok()),
    };
    center.store.edit_project(project_id.clone(), edit, Editor::Administrator, ui.now).await?;
    Ok(Redirect::to(&ui.link(&format!("/projects/{project_id}?saved=1"))).into_response())
}
