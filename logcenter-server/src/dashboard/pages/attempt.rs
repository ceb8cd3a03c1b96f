//! `GET /attempts/{id}`: an attempt with what it left behind; `POST /attempts/{id}/approve`

use crate::dashboard::pages::repair_section::AttemptRow;
use crate::dashboard::ui::diff::{self, Line};
use crate::dashboard::ui::excerpt::excerpt;
use crate::dashboard::ui::fault::{Fault, html};
use crate::dashboard::ui::forge;
use crate::dashboard::ui::form::{Form, QueryForm};
use crate::dashboard::ui::page_context::Ui;
use crate::domain::repair::{Approval, Artifact, Attempt, digest};
use crate::domain::{AttemptId, Issue};
use crate::http::query::path_parameter;
use crate::service;
use crate::state::{SharedState, State as Shared};
use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::repair::ArtifactKind;

/// Limit of the texts on the page, in bytes. `?whole=1` shows everything.
const TEXTS: usize = 128 * 1024;

/// `{id}` in the path.
pub(crate) struct Id(AttemptId);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let id = path_parameter(parts, state, "id").await;
        id.and_then(|id| id.parse().ok()).map(Self).ok_or(Fault::NotFound)
    }
}

#[derive(Template)]
#[template(path = "attempt.html")]
struct Page {
    ui: Ui,
    row: AttemptRow,
    issue: Issue,
    artifacts: Vec<Artifact>,
    pull_request_href: Option<String>,
    /// The digest of the diff, if its patch waits for approval.
    to_approve: Option<String>,
    refused: Option<String>,
    whole_href: Option<String>,
}

impl Page {
    fn artifact_key(&self, artifact: &Artifact) -> String {
        format!("artifact.{}", artifact.kind)
    }

    fn diff<'a>(&self, artifact: &'a Artifact) -> Option<Vec<Line<'a>>> {
        (artifact.kind == ArtifactKind::Diff).then(|| diff::lines(&artifact.text))
    }
}

/// `GET /attempts/{id}`
pub(crate) async fn attempt(
    State(state): State<SharedState>,
    ui: Ui,
    Id(id): Id,
    QueryForm(mut query): QueryForm,
) -> Result<Response, Fault> {
    let whole = query.take("whole").is_some();
    show(&state, ui, id, whole, None).await
}

/// `POST /attempts/{id}/approve`: approves the patch as it was read.
pub(crate) async fn approve(
    State(state): State<SharedState>,
    ui: Ui,
    Id(id): Id,
    mut form: Form,
) -> Result<Response, Fault> {
    let diff_sha256 = form.take("diff_sha256").ok_or(Fault::Invalid("fault.form"))?;
    let (attempt, _) = state.store.attempt(id).await?.ok_or(Fault::NotFound)?;
    let approval = Approval { attempt_id: id, diff_sha256 };
    match service::repair::approve(&state, attempt.issue_id, approval).await?.ok_or(Fault::NotFound)? {
        Ok(()) => Ok(Redirect::to(&ui.link(&format!("/issues/{}#repair", attempt.issue_id))).into_response()),
        Err(_) => {
            let refused = Some(ui.t("repair.not_approved").into());
            Ok((StatusCode::CONFLICT, show(&state, ui, id, false, refused).await?).into_response())
        }
    }
}

async fn show(
    state: &Shared,
    ui: Ui,
    id: AttemptId,
    whole: bool,
    refused: Option<String>,
) -> Result<Response, Fault> {
    let (attempt, mut artifacts) = state.store.attempt(id).await?.ok_or(Fault::NotFound)?;
    let issue = state.store.issue(attempt.issue_id).await?.ok_or(Fault::NotFound)?.issue;
    let repair = state.store.repair(issue.id).await?.ok_or(Fault::NotFound)?;
    let is_latest = attempt.epoch == repair.epoch;
    let diff = artifacts.iter().find(|one| one.kind == ArtifactKind::Diff && !one.truncated);
    let digest = diff.map(|diff| digest(&diff.text)).filter(|_| repair.awaiting_approval && is_latest);
    let mut whole_href = None;
    // A diff is approved as it is read: all of it is shown.
    let texts = artifacts.iter_mut().filter(|one| one.kind != ArtifactKind::Diff).map(|one| &mut one.text);
    if !whole && excerpt(texts, TEXTS) {
        whole_href = Some(ui.link(&format!("/attempts/{id}?whole=1")));
    }
    let Attempt { pull_request_url, .. } = &attempt;
    let pull_request_href = pull_request_url.as_deref().and_then(forge::web);
    Ok(html(&Page {
        row: AttemptRow { attempt },
        issue,
        artifacts,
        pull_request_href,
        to_approve: digest,
        refused,
        whole_href,
        ui,
    }))
}
