//! `POST /issues/bulk`: one change for many issues, each of them told what became of it.

use super::change;
use super::fault::{Fault, html};
use super::form::{Asked, Form};
use super::issues::{Done, Page};
use super::ui::Ui;
use crate::center::Center;
use crate::domain::{Change, Changed};
use axum::extract::State;
use axum::response::Response;

/// Issues that can be changed at once: a page of them.
const MOST: usize = 200;

/// `POST /issues/bulk`
pub(super) async fn bulk(
    State(center): State<Center>,
    ui: Ui,
    Asked(mut asked): Asked,
    mut form: Form,
) -> Result<Response, Fault> {
    let chosen = form.all("issue");
    if chosen.len() > MOST {
        return Err(Fault::Invalid("fault.form"));
    }
    let change = change::asked(&ui, &mut form)?;
    let read = |one: &String| {
        let (id, revision) = one.split_once(':')?;
        Some((id.parse().ok()?, revision.parse().ok()?))
    };
    // All of them are read before the first is changed.
    let chosen: Option<Vec<(i64, i64)>> = chosen.iter().map(read).collect();
    let mut done = Vec::new();
    for (id, revision) in chosen.ok_or(Fault::Invalid("fault.form"))? {
        let (is_done, text) =
            match change::make(&center, id, Change { expected_revision: Some(revision), ..change.clone() })
                .await
            {
                Ok(Changed::Done(issue)) => (true, issue.status.to_string()),
                Ok(Changed::NotFound) => (false, ui.t("fault.not_found").into()),
                Ok(Changed::Stale(issue)) => (false, ui.with("change.stale", issue.status)),
                Ok(Changed::Refused { issue, .. }) => {
                    (false, ui.with("change.refused", format_args!("{} → {}", issue.status, change.to)))
                }
                Err(error) => {
                    tracing::error!(%error, "the store failed");
                    (false, ui.t("fault.unavailable").into())
                }
            };
        done.push(Done { id, done: is_done, text });
    }
    let mut page = Page::read(&center, ui, &mut asked).await?;
    page.done = done;
    page.choose_what_was_not_done();
    if page.done.iter().any(|one| !one.done) {
        page.note = change.note.unwrap_or_default();
    }
    Ok(html(&page))
}
