//! `POST /issues/bulk`: one change for many issues, each of them told what became of it.

use crate::dashboard::pages::change::read_change;
use crate::dashboard::pages::issues::{Done, Page};
use crate::dashboard::ui::fault::{Fault, html};
use crate::dashboard::ui::form::{Asked, Form};
use crate::dashboard::ui::surroundings::Ui;
use crate::domain::text::Text;
use crate::domain::{Change, IssueId, Revision};
use crate::service;
use crate::state::SharedState;
use crate::store::ChangeOutcome;
use axum::extract::State;
use axum::response::Response;

/// Issues that can be changed at once: a page of them.
const MOST: usize = 200;

/// `POST /issues/bulk`
pub(crate) async fn bulk(
    State(state): State<SharedState>,
    ui: Ui,
    Asked(mut asked): Asked,
    mut form: Form,
) -> Result<Response, Fault> {
    let chosen = form.all("issue");
    if chosen.len() > MOST {
        return Err(Fault::Invalid("fault.form"));
    }
    let change = read_change(&ui, &mut form)?;
    let read = |one: &String| {
        let (id, revision) = one.split_once(':')?;
        Some((id.parse().ok()?, revision.parse().ok()?))
    };
    // All of them are read before the first is changed.
    let chosen: Option<Vec<(IssueId, Revision)>> = chosen.iter().map(read).collect();
    let mut done = Vec::new();
    for (id, revision) in chosen.ok_or(Fault::Invalid("fault.form"))? {
        let (is_done, text) = match service::issues::change_status(
            &state,
            id,
            Change { expected_revision: Some(revision), ..change.clone() },
        )
        .await
        {
            Ok(ChangeOutcome::Changed(issue)) => (true, issue.issue.status.to_string()),
            Ok(ChangeOutcome::NotFound) => (false, ui.t("fault.not_found").into()),
            Ok(ChangeOutcome::Stale(issue)) => (false, ui.with("change.stale", issue.issue.status)),
            Ok(ChangeOutcome::Refused { issue, .. }) => {
                (false, ui.with("change.refused", format_args!("{} → {}", issue.issue.status, change.to)))
            }
            Err(error) => {
                tracing::error!(%error, "the store failed");
                (false, ui.t("fault.unavailable").into())
            }
        };
        done.push(Done { id, done: is_done, text });
    }
    let mut page = Page::read(&state, ui, &mut asked).await?;
    page.done = done;
    page.choose_what_was_not_done();
    if page.done.iter().any(|one| !one.done) {
        page.note = change.note.map(Text::into_string).unwrap_or_default();
    }
    Ok(html(&page))
}
