//! `POST /issues/bulk`: applies one change to many issues, and reports the result per issue.

use crate::dashboard::pages::change::{read_change, refused};
use crate::dashboard::pages::issues::{Done, Page};
use crate::dashboard::ui::fault::{Fault, html};
use crate::dashboard::ui::form::{Form, QueryForm};
use crate::dashboard::ui::page_context::Ui;
use crate::domain::text::Text;
use crate::domain::{Change, IssueId, Revision};
use crate::service;
use crate::state::SharedState;
use crate::store::ChangeOutcome;
use axum::extract::State;
use axum::response::Response;

/// Maximum number of issues changed at once: one page.
const MOST: usize = 200;

/// `POST /issues/bulk`
pub(crate) async fn bulk(
    State(state): State<SharedState>,
    ui: Ui,
    QueryForm(mut query): QueryForm,
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
    // All are parsed before the first is changed.
    let chosen: Option<Vec<(IssueId, Revision)>> = chosen.iter().map(read).collect();
    let mut done = Vec::new();
    for (id, revision) in chosen.ok_or(Fault::Invalid("fault.form"))? {
        let (is_done, text) = match service::issues::change_status(
            &state,
            id,
            Change { expected_revision: Some(revision), ..change.clone() },
            None,
        )
        .await
        {
            Ok(ChangeOutcome::Changed(issue)) => (true, ui.status_name(&issue.issue.status).to_owned()),
            Ok(ChangeOutcome::NotFound) => (false, ui.t("fault.not_found").into()),
            Ok(ChangeOutcome::Stale(issue)) => {
                (false, ui.with("change.stale", ui.status_name(&issue.issue.status)))
            }
            Ok(ChangeOutcome::Refused { issue, .. }) => (false, refused(&ui, issue.issue.status, change.to)),
            Ok(ChangeOutcome::Lease(_) | ChangeOutcome::LeaseNeeded) => (false, ui.t("fault.form").into()),
            Err(error) => {
                tracing::error!(%error, "the store failed");
                (false, ui.t("fault.unavailable").into())
            }
        };
        done.push(Done { id, done: is_done, text });
    }
    let mut page = Page::read(&state, ui, &mut query).await?;
    page.done = done;
    page.keep_failed_selected();
    if page.done.iter().any(|one| !one.done) {
        page.note = change.note.map(Text::into_string).unwrap_or_default();
    }
    Ok(html(&page))
}
