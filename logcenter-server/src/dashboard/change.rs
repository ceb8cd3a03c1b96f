//! `POST /issues/{id}/status`

use super::fault::Fault;
use super::form::Form;
use super::issue::{Id, View, show};
use super::ui::Ui;
use crate::center::{Center, Inner};
use crate::domain::{Actor, Change, Changed};
use crate::store::StoreError;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::Status;

/// The most characters of a note, a name, a commit.
const NOTE: usize = 20_000;
const WORD: usize = 200;

/// The change that a form asks for. "Mark as fixed" passes over the table of transitions, as a person may who says why.
pub(super) fn asked(ui: &Ui, form: &mut Form) -> Result<Change, Fault> {
    let fixed = form.take("mark").is_some_and(|mark| mark == "fixed");
    let to: Option<Status> = form.take("status").and_then(|word| word.parse().ok());
    let to = if fixed { Status::Fixed } else { to.ok_or(Fault::Invalid("fault.status"))? };
    let mut text = |name: &str, most: usize| match form.take(name) {
        Some(text) if text.chars().count() > most => Err(Fault::Invalid("fault.too_long")),
        text => Ok(text),
    };
    let (note, name, commit_hash) = (text("note", NOTE)?, text("actor", WORD)?, text("commit_hash", WORD)?);
    let note = match (&note, &commit_hash) {
        (None, Some(commit)) if fixed => Some(ui.with("change.fixed_in", commit)),
        (None, None) if fixed => return Err(Fault::Invalid("fault.note")),
        _ => note,
    };
    Ok(Change {
        to,
        actor: Actor::person(name),
        expected_status: None,
        expected_revision: form.take("revision").and_then(|revision| revision.parse().ok()),
        note,
        force: fixed,
        commit_hash,
        pull_request_url: None,
    })
}

/// Makes a change. What has a fix is not marked as fixed once more: that would forget how far the fix has come.
pub(super) async fn make(center: &Inner, id: i64, change: Change) -> Result<Changed, StoreError> {
    if change.force {
        let Some(issue) = center.store.issue(id).await? else { return Ok(Changed::NotFound) };
        if change.expected_revision.is_some_and(|revision| revision != issue.revision) {
            return Ok(Changed::Stale(Box::new(issue)));
        }
        if issue.status.has_fix() {
            return Ok(Changed::Refused { issue: Box::new(issue), allowed: Vec::new() });
        }
    }
    center.change_status(id, change).await
}

/// `POST /issues/{id}/status`
pub(super) async fn change(
    State(center): State<Center>,
    ui: Ui,
    Id(id): Id,
    mut form: Form,
) -> Result<Response, Fault> {
    let change = asked(&ui, &mut form)?;
    if change.expected_revision.is_none() {
        return Err(Fault::Invalid("fault.form"));
    }
    let (to, note) = (change.to, change.note.clone().unwrap_or_default());
    let text = match make(&center, id, change).await? {
        Changed::Done(_) => return Ok(Redirect::to(&ui.link(&format!("/issues/{id}"))).into_response()),
        Changed::NotFound => return Err(Fault::NotFound),
        Changed::Stale(issue) => ui.with("change.stale", issue.status),
        Changed::Refused { issue, .. } => ui.with("change.refused", format_args!("{} → {to}", issue.status)),
    };
    let refused = Some(text);
    let page = show(&center, ui, id, View { refused, note, ..View::default() }).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}
