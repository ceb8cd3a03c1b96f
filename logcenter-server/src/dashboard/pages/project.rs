//! `GET`, `POST /projects/{project_id}`

use crate::dashboard::ui::chart::release;
use crate::dashboard::ui::export;
use crate::dashboard::ui::fault::{Fault, html};
use crate::dashboard::ui::forge;
use crate::dashboard::ui::form::{Form, QueryForm};
use crate::dashboard::ui::page_context::Ui;
use crate::domain::text::{Environment, Text};
use crate::domain::{
    DeploymentFilter, Editor, FieldEdit, IngestKey, IssueId, KeptDeployment, Project, ProjectEdit,
};
use crate::http::query::path_parameter;
use crate::service;
use crate::state::{SharedState, State as Shared};
use crate::store::EditOutcome;
use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::{ProjectId, RegressionRule, Timestamp};

/// `{project_id}` in the path.
pub(crate) struct Path(pub(crate) ProjectId);

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
    deployments: Vec<DeploymentRow>,
    /// The command that reports one.
    deploy_curl: String,
    notice: Notice,
}

/// Deployments on the page.
const DEPLOYMENTS: usize = 20;

/// A deployment of the project.
struct DeploymentRow {
    release: String,
    environment: Environment,
    at: Timestamp,
    commit_href: Option<String>,
    /// What changed since the deployment before it in this environment.
    compare_href: Option<String>,
    deployed: Vec<IssueId>,
}

impl DeploymentRow {
    /// `before` are the deployments before it, newest first.
    fn of(deployment: &KeptDeployment, before: &[KeptDeployment], repo_url: Option<&str>) -> Self {
        let previous = before.iter().find(|one| one.environment == deployment.environment);
        let commit = deployment.commits.first();
        let from = previous.and_then(|one| one.commits.first());
        let compared = from.zip(commit).filter(|(from, to)| from != to);
        Self {
            release: release(deployment),
            environment: deployment.environment.clone(),
            at: deployment.at,
            commit_href: repo_url.zip(commit).and_then(|(url, hash)| forge::commit(url, hash)),
            compare_href: repo_url.zip(compared).and_then(|(url, (from, to))| forge::compare(url, from, to)),
            deployed: deployment.deployed.clone(),
        }
    }
}

/// What happened before the page is shown.
pub(crate) enum Notice {
    /// Nothing.
    None,
    /// The project was saved.
    Saved,
    /// The project was not saved, because somebody else changed it in the meantime. The form keeps the edit.
    Stale(ProjectEdit),
    /// A new key, shown this once.
    Key(String),
}

impl Page {
    fn is_rule(&self, rule: &RegressionRule) -> bool {
        self.project.regression_rule == *rule
    }
}

/// The page of a project.
pub(crate) async fn show(
    state: &Shared,
    ui: Ui,
    project_id: ProjectId,
    notice: Notice,
) -> Result<Response, Fault> {
    let mut project = state.store.project(project_id).await?.ok_or(Fault::NotFound)?;
    let keys = service::keys::list(state, &project.project_id).await?;
    let of_project = DeploymentFilter::for_page_of(&project.project_id);
    // More than are shown: the one before may be further down.
    let kept = state.store.deployments(of_project, None, 5 * DEPLOYMENTS as u32).await?.items;
    let repo_url = project.repo_url.as_deref();
    let rows = kept.iter().enumerate().take(DEPLOYMENTS);
    let deployments = rows.map(|(at, one)| DeploymentRow::of(one, &kept[at + 1..], repo_url)).collect();
    if let Notice::Stale(edit) = &notice {
        let ProjectEdit { name, repo_url, local_path, description, regression_rule, .. } = edit.clone();
        project.name = name.apply(None);
        project.repo_url = repo_url.apply(None);
        project.local_path = local_path.apply(None);
        project.description = description.apply(None);
        project.regression_rule = regression_rule.unwrap_or(project.regression_rule);
    }
    let deploy_curl = export::deploy(&ui, &project.project_id);
    Ok(html(&Page { ui, project, keys, deployments, deploy_curl, notice }))
}

/// `GET /projects/{project_id}`
pub(crate) async fn project(
    State(state): State<SharedState>,
    ui: Ui,
    Path(project_id): Path,
    QueryForm(mut query): QueryForm,
) -> Result<Response, Fault> {
    let notice = if query.take("saved").is_some() { Notice::Saved } else { Notice::None };
    show(&state, ui, project_id, notice).await
}

/// `POST /projects/{project_id}`
pub(crate) async fn edit(
    State(state): State<SharedState>,
    ui: Ui,
    Path(project_id): Path,
    mut form: Form,
) -> Result<Response, Fault> {
    if state.store.project(project_id.clone()).await?.is_none() {
        return Err(Fault::NotFound);
    }
    let edit = ProjectEdit {
        name: text(&mut form, "name")?,
        repo_url: text(&mut form, "repo_url")?,
        local_path: text(&mut form, "local_path")?,
        description: text(&mut form, "description")?,
        regression_rule: form.take("regression_rule").and_then(|word| word.parse().ok()),
        expected_updated_at: form
            .take("updated_at")
            .and_then(|millis| millis.parse().ok())
            .map(Timestamp::from_millis),
    };
    if edit.expected_updated_at.is_none() {
        return Err(Fault::Invalid("fault.form"));
    }
    let edited = service::projects::edit(&state, project_id.clone(), edit.clone(), Editor::Administrator);
    if let EditOutcome::Stale(_) = edited.await? {
        let page = show(&state, ui, project_id, Notice::Stale(edit)).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    Ok(Redirect::to(&ui.link(&format!("/projects/{project_id}?saved=1"))).into_response())
}

/// A field of the form; an empty one clears the value.
fn text<const MAX: usize>(form: &mut Form, name: &str) -> Result<FieldEdit<Text<MAX>>, Fault> {
    let text =
        Text::read(&form.take(name).unwrap_or_default()).map_err(|_| Fault::Invalid("fault.too_long"))?;
    Ok(text.map_or(FieldEdit::Clear, FieldEdit::Set))
}
