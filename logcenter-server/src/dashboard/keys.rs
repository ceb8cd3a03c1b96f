//! `POST /projects/{project_id}/keys` and `…/keys/delete`

use super::fault::Fault;
use super::form::Form;
use super::project::{Path, Shown, show};
use super::ui::Ui;
use crate::center::Center;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// Makes a key, and shows it this once.
pub(super) async fn create(
    State(center): State<Center>,
    ui: Ui,
    Path(project_id): Path,
) -> Result<Response, Fault> {
    let (_, key) = center.create_key(project_id.clone()).await?.ok_or(Fault::NotFound)?;
    show(&center, ui, project_id, Shown::Key(key)).await
}

/// Removes a key.
pub(super) async fn delete(
    State(center): State<Center>,
    ui: Ui,
    Path(project_id): Path,
    mut form: Form,
) -> Result<Response, Fault> {
    let id = form.take("id").and_then(|id| id.parse().ok()).ok_or(Fault::Invalid("fault.form"))?;
    center.delete_keys(project_id.clone(), Some(id)).await?;
    Ok(Redirect::to(&ui.link(&format!("/projects/{project_id}"))).into_response())
}
