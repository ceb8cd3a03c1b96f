//! `POST /issues/bulk`: one change for many issues, each of them told what became of it.

use super::change;
use super::fault::{Fault, html};
use super::form::{Asked, Form};
use super::issues::{Done, Page};
use super::ui::Ui;
use crate::center::Center;
use crate::domain::Changed;
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
    let mut done = Vec::new();
    for chosen in chosen {
        let numbers = chosen
            .split_once(':')
            .and_then(|(id, revision)| Some((id.parse().ok()?, revision.parse().ok()?)));
        let Some((id, revision)) = numbers else { return Err(Fault::Invalid("fault.form")) };
        let mut change = change.clone();
        change.expected_revision = Some(revision);
        let to = change.to;
        let (is_done, text) = match center.change_status(id, change).await? {
            Changed::Done(issue) => (true, issue.status.to_string()),
            Changed::NotFound => (false, ui.t("fault.not_found").into()),
            Changed::Stale(issue) => (false, ui.with("change.stale", issue.status)),
            Changed::Refused { issue, .. } => {
                (false, ui.with("change.refused", format_args!("{} → {to}", issue.status)))
            }
        };
        done.push(Done { id, done: is_done, text });
    }
    let mut page = Page::read(&center, ui, &mut asked).await?;
    page.done = done;
    Ok(html(&page))
}
