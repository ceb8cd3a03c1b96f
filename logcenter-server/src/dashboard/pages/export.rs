//! Exports of an issue: Markdown, JSON, or just the stack trace.

use crate::api::view;
use crate::dashboard::pages::issue::{Id, at_event};
use crate::dashboard::ui::export::{context, fenced, location, plain};
use crate::dashboard::ui::fault::Fault;
use crate::dashboard::ui::form::{Form, QueryForm};
use crate::dashboard::ui::page_context::Ui;
use crate::domain::{IssueDetail, IssueId};
use crate::http::escape::printable;
use crate::state::{SharedState, State as Shared};
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

const PLAIN: [(HeaderName, &str); 1] = [(CONTENT_TYPE, "text/plain; charset=utf-8")];

/// The issue as the page shows it: with its latest event, or with the requested one.
async fn shown(state: &Shared, id: IssueId, query: &mut Form) -> Result<IssueDetail, Fault> {
    let issue = state.store.issue(id).await?.ok_or(Fault::NotFound)?;
    match query.take("event").and_then(|number| number.parse().ok()) {
        Some(number) => at_event(state, issue, number).await,
        None => Ok(issue),
    }
}

/// `GET /issues/{id}/stack`: the whole stack trace, with control characters made visible: it may be pasted into a
/// terminal.
pub(crate) async fn stack_alone(
    State(state): State<SharedState>,
    Id(id): Id,
    QueryForm(mut query): QueryForm,
) -> Result<Response, Fault> {
    let issue = shown(&state, id, &mut query).await?;
    Ok((PLAIN, printable(issue.stack_trace.as_deref().unwrap_or_default())).into_response())
}

/// `GET /issues/{id}/markdown`
pub(crate) async fn markdown(
    State(state): State<SharedState>,
    ui: Ui,
    Id(id): Id,
    QueryForm(mut query): QueryForm,
) -> Result<Response, Fault> {
    let detail = shown(&state, id, &mut query).await?;
    let issue = &detail.issue;
    let mut text = format!("# {}\n\n{}\n", plain(&issue.error.error_type), fenced(&issue.error.message));
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!("- {name}: {}\n", plain(&value)));
        }
    };
    line("place", location(issue));
    line("project", Some(issue.project_id.to_string()));
    line("source", Some(issue.source.to_string()));
    line("environment", Some(issue.environment.clone()));
    line("level", Some(issue.level.to_string()));
    line("status", Some(issue.status.to_string()));
    line("version", issue.version.clone());
    line("commit", issue.commit_hash.clone());
    line("count", Some(issue.count.to_string()));
    line("first seen", Some(issue.first_seen.to_string()));
    line("last seen", Some(issue.last_seen.to_string()));
    text.push_str(&format!("- issue: {}/issues/{id}\n", ui.address));
    let stack = detail.stack_trace.as_deref().unwrap_or_default();
    if !stack.is_empty() {
        text.push_str(&format!("\n## Stack\n\n{}", fenced(stack)));
    }
    let context = context(&detail);
    if !context.is_null() {
        let pretty = serde_json::to_string_pretty(&context).unwrap_or_default();
        text.push_str(&format!("\n## Context\n\n{}", fenced(&pretty)));
    }
    Ok((PLAIN, text).into_response())
}

/// `GET /issues/{id}/json`
pub(crate) async fn json(State(state): State<SharedState>, Id(id): Id) -> Result<Response, Fault> {
    let issue = state.store.issue(id).await?.ok_or(Fault::NotFound)?;
    let text = serde_json::to_string_pretty(&view::Issue::from(issue)).unwrap_or_default();
    let file = format!("inline; filename=\"issue-{id}.json\"");
    Ok(([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, file)], text).into_response())
}
