//! `POST /issues/{id}/repair` and `…/repair/stop`

use crate::dashboard::pages::issue::{Id, View, show};
use crate::dashboard::ui::fault::Fault;
use crate::dashboard::ui::form::Form;
use crate::dashboard::ui::page_context::Ui;
use crate::domain::IssueId;
use crate::domain::text::{Hint, Text};
use crate::service;
use crate::state::SharedState;
use crate::store::RequestOutcome;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// `POST /issues/{id}/repair`: has an issue repaired now.
pub(crate) async fn request(
    State(state): State<SharedState>,
    ui: Ui,
    Id(id): Id,
    mut form: Form,
) -> Result<Response, Fault> {
    let hint: Option<Hint> =
        Text::read(&form.take("hint").unwrap_or_default()).map_err(|_| Fault::Invalid("fault.too_long"))?;
    match service::repair::request(&state, id, hint).await? {
        RequestOutcome::Requested => Ok(back(&ui, id)),
        RequestOutcome::NotFound => Err(Fault::NotFound),
        RequestOutcome::Refused(status) => {
            let refused = Some(ui.with("repair.refused", ui.status_name(&status)));
            let page = show(&state, ui, id, View { refused, ..View::default() }).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

/// `POST /issues/{id}/repair/stop`: asks the agent to stop.
pub(crate) async fn stop(State(state): State<SharedState>, ui: Ui, Id(id): Id) -> Result<Response, Fault> {
    // If it has just stopped by itself, the page shows that.
    service::repair::stop(&state, id).await?.ok_or(Fault::NotFound)?;
    Ok(back(&ui, id))
}

fn back(ui: &Ui, id: IssueId) -> Response {
    Redirect::to(&ui.link(&format!("/issues/{id}#repair"))).into_response()
}
