//! `POST /projects/{project_id}/keys` and `…/keys/delete`

use crate::dashboard::pages::project::{Notice, Path, show};
use crate::dashboard::ui::fault::Fault;
use crate::dashboard::ui::form::Form;
use crate::dashboard::ui::page_context::Ui;
use crate::service;
use crate::state::SharedState;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// Creates a key and shows it this once.
pub(crate) async fn create(
    State(state): State<SharedState>,
    ui: Ui,
    Path(project_id): Path,
    mut form: Form,
) -> Result<Response, Fault> {
    let kind = form.take("kind").map(|kind| kind.parse().map_err(|_| Fault::Invalid("fault.form")));
    let kind = kind.transpose()?.unwrap_or_default();
    let (_, key) = service::keys::create(&state, project_id.clone(), kind).await?.ok_or(Fault::NotFound)?;
    show(&state, ui, project_id, Notice::Key(key)).await
}

/// Revokes a key.
pub(crate) async fn delete(
    State(state): State<SharedState>,
    ui: Ui,
    Path(project_id): Path,
    mut form: Form,
) -> Result<Response, Fault> {
    let id = form.take("id").and_then(|id| id.parse().ok()).ok_or(Fault::Invalid("fault.form"))?;
    service::keys::delete(&state, project_id.clone(), Some(id)).await?;
    Ok(Redirect::to(&ui.link(&format!("/projects/{project_id}"))).into_response())
}
