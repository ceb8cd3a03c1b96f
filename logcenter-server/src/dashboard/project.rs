//! `GET`, `POST /projects/{project_id}`

use super::fault::{Fault, html};
use super::form::{Asked, Form};
use super::ui::Ui;
use crate::address::path_parameter;
use crate::center::{Center, Inner};
use crate::domain::{Edit, IngestKey, Project, ProjectEdit};
use crate::store::{Edited, Editor};
use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::{ProjectId, RegressionRule, Timestamp};

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
    shown: Shown,
}

/// What happened before a project is shown.
pub(super) enum Shown {
    /// Nothing.
    Plainly,
    /// It was saved.
    Saved,
    /// It was not saved: somebody else changed it meanwhile. What was to be saved is still in the form.
    Stale(ProjectEdit),
    /// A key was made, which is shown this once.
    Key(String),
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
    shown: Shown,
) -> Result<Response, Fault> {
    let mut project = center.store.project(project_id).await?.ok_or(Fault::NotFound)?;
    let keys = center.keys(&project.project_id).await?;
    if let Shown::Stale(edit) = &shown {
        let ProjectEdit { name, repo_url, local_path, description, regression_rule, .. } = edit.clone();
        project.name = name.apply(None);
        project.repo_url = repo_url.apply(None);
        project.local_path = local_path.apply(None);
        project.description = description.apply(None);
        project.regression_rule = regression_rule.unwrap_or(project.regression_rule);
    }
    Ok(html(&Page { ui, project, keys, shown }))
}

/// `GET /projects/{project_id}`
pub(super) async fn project(
    State(center): State<Center>,
    ui: Ui,
    Path(project_id): Path,
    Asked(mut asked): Asked,
) -> Result<Response, Fault> {
    let shown = if asked.take("saved").is_some() { Shown::Saved } else { Shown::Plainly };
    show(&center, ui, project_id, shown).await
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
        expected_updated_at: form
            .take("updated_at")
            .and_then(|millis| millis.parse().ok())
            .map(Timestamp::from_millis),
    };
    if edit.expected_updated_at.is_none() {
        return Err(Fault::Invalid("fault.form"));
    }
    let edited = center.store.edit_project(project_id.clone(), edit.clone(), Editor::Administrator, ui.now);
    if let Edited::Stale(_) = edited.await? {
        let page = show(&center, ui, project_id, Shown::Stale(edit)).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    Ok(Redirect::to(&ui.link(&format!("/projects/{project_id}?saved=1"))).into_response())
}
