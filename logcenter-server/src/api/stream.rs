//! `GET /api/v1/stream`

use super::problem::Problem;
use super::view::issue_json;
use crate::access::Permission;
use crate::domain::{FeedPosition, IssueEventKind};
use crate::feed::{Message, Update};
use crate::state::SharedState;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use std::convert::Infallible;
use std::time::Duration;

/// Stream changes to issues as server-sent events.
///
/// `issue.created`, `issue.regressed` and `issue.changed` (an event was counted, or the status changed) each carry the
/// issue without stack trace and context. Rapid changes to one issue are coalesced. Clients that reconnect with
/// `Last-Event-ID` receive the missed events, or `stream.missed`, after which they must read everything again.
#[utoipa::path(get, path = "/api/v1/stream", tag = "issues",
    params(("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received")),
    responses((status = 200, body = String, content_type = "text/event-stream")))]
pub(crate) async fn stream(State(state): State<SharedState>, parts: Parts) -> Result<Response, Problem> {
    let last = parts.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let after = last.map(|id| id.parse().unwrap_or(UNKNOWN_POSITION));
    let listener = state.feed.listen(after).await?;
    let events = unfold((listener, state, parts), |(mut listener, state, parts)| async {
        loop {
            let message = listener.next().await?;
            // The stream ends with the session.
            let caller = state.access.visitor(&parts, state.clock.now());
            state.access.may(&caller, Permission::Read).ok()?;
            if let Update::Issue(_, issue) = &message.update
                && !caller.scope().holds(&issue.project_id)
            {
                continue;
            }
            return Some((Ok::<_, Infallible>(event(&message)), (listener, state, parts)));
        }
    });
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    // Asks proxies not to buffer the stream.
    let headers = [(CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((headers, Sse::new(events).keep_alive(keep_alive)).into_response())
}

/// The position for an id that this server never issued: everything may have been missed.
const UNKNOWN_POSITION: FeedPosition = FeedPosition(i64::MAX);

fn event(message: &Message) -> Event {
    let (name, data) = match &message.update {
        Update::Issue(kind, issue) => {
            let name = match kind {
                IssueEventKind::Created => "issue.created",
                IssueEventKind::Regressed => "issue.regressed",
                IssueEventKind::Counted
                | IssueEventKind::StatusChanged
                | IssueEventKind::Deployed
                | IssueEventKind::Deleted => "issue.changed",
            };
            (name, issue_json(issue))
        }
        Update::Missed => ("stream.missed", "{}".into()),
    };
    Event::default().id(message.position.to_string()).event(name).data(data)
}
