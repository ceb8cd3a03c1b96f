//! `POST /issues/{id}/status`

use crate::dashboard::pages::issue::{Id, View, show};
use crate::dashboard::ui::fault::Fault;
use crate::dashboard::ui::form::Form;
use crate::dashboard::ui::page_context::Ui;
use crate::domain::text::{ActorName, CommitHash, Note, Text};
use crate::domain::{Actor, Change, Override};
use crate::service;
use crate::state::SharedState;
use crate::store::ChangeOutcome;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use logcenter_core::Status;

/// Reads the change that a form asks for. "Mark as fixed" skips the transition rules, as a person may with a note.
pub(crate) fn read_change(ui: &Ui, form: &mut Form) -> Result<Change, Fault> {
    let fixed = form.take("mark").is_some_and(|mark| mark == "fixed");
    let to: Option<Status> = form.take("status").and_then(|word| word.parse().ok());
    let to = if fixed { Status::Fixed } else { to.ok_or(Fault::Invalid("fault.status"))? };
    let (note, name): (Option<Note>, Option<ActorName>) = (text(form, "note")?, text(form, "actor")?);
    let commit_hash: Option<CommitHash> = text(form, "commit_hash")?;
    let note = match (&note, &commit_hash) {
        (None, Some(commit)) if fixed => Some(Note::cut(&ui.with("change.fixed_in", commit))),
        (None, None) if fixed => return Err(Fault::Invalid("fault.note")),
        _ => note,
    };
    Ok(Change {
        to,
        actor: Actor::person(name),
        expected_status: None,
        expected_revision: form.take("revision").and_then(|revision| revision.parse().ok()),
        note,
        overriding: if fixed { Override::MarkFixed } else { Override::No },
        commit_hash,
        pull_request_url: None,
    })
}

/// Why nothing was changed.
pub(crate) fn refused(ui: &Ui, from: Status, to: Status) -> String {
    ui.with("change.refused", format_args!("{} → {}", ui.status_name(&from), ui.status_name(&to)))
}

fn text<const MAX: usize>(form: &mut Form, name: &str) -> Result<Option<Text<MAX>>, Fault> {
    Text::read(&form.take(name).unwrap_or_default()).map_err(|_| Fault::Invalid("fault.too_long"))
}

/// `POST /issues/{id}/status`
pub(crate) async fn change(
    State(state): State<SharedState>,
    ui: Ui,
    Id(id): Id,
    mut form: Form,
) -> Result<Response, Fault> {
    let change = read_change(&ui, &mut form)?;
    if change.expected_revision.is_none() {
        return Err(Fault::Invalid("fault.form"));
    }
    let (to, note) = (change.to, change.note.clone().map(Text::into_string).unwrap_or_default());
    let text = match service::issues::change_status(&state, id, change, None).await? {
        ChangeOutcome::Changed(_) => {
            return Ok(Redirect::to(&ui.link(&format!("/issues/{id}"))).into_response());
        }
        ChangeOutcome::NotFound => return Err(Fault::NotFound),
        ChangeOutcome::Lease(_) | ChangeOutcome::LeaseNeeded => return Err(Fault::Invalid("fault.form")),
        ChangeOutcome::Stale(issue) => ui.with("change.stale", ui.status_name(&issue.issue.status)),
        ChangeOutcome::Refused { issue, .. } => refused(&ui, issue.issue.status, to),
    };
    let refused = Some(text);
    let page = show(&state, ui, id, View { refused, note, ..View::default() }).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}
