//! `GET /api/v1/stream`

use crate::center::Center;
use crate::live::MessageId;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use std::convert::Infallible;
use std::time::Duration;

/// What happens to issues, as server-sent events: `issue.created`, `issue.regressed` and `issue.changed` (it counted, or its
/// status was changed), each with the issue without stack and context. What happens to one issue within a moment is told
/// once. Who comes back with `Last-Event-ID` gets what it missed, or `stream.missed`: then it must read everything again.
#[utoipa::path(get, path = "/api/v1/stream", tag = "issues",
    params(("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received")),
    responses((status = 200, body = String, content_type = "text/event-stream")))]
pub(super) async fn stream(State(center): State<Center>, parts: Parts) -> Response {
    let last = parts.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    // An id that is none of ours is of a server that was here before.
    let after = last.map(|id| MessageId::parse(id).unwrap_or(MessageId::NONE));
    let listener = center.live.listen(after, center.clock.now());
    let events = unfold((listener, center, parts), |(mut listener, center, parts)| async {
        let message = listener.next().await?;
        // Who listens in a session hears no more than the session lasts.
        let caller = center.access.visitor(&parts, center.clock.now());
        center.access.administer(&caller).ok()?;
        let event = Event::default().id(message.id.to_string()).event(message.name).data(&*message.data);
        Some((Ok::<_, Infallible>(event), (listener, center, parts)))
    });
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    // Proxies that gather answers before they pass them on are asked not to.
    let headers = [(CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    (headers, Sse::new(events).keep_alive(keep_alive)).into_response()
}
