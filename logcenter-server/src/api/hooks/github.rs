//! `POST /api/v1/hooks/github`

use super::{Taken, payload, take};
use crate::api::problem::Problem;
use crate::state::SharedState;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;

/// Take a webhook of GitHub.
///
/// Let GitHub send pull requests, statuses and check runs as `application/json`, with the server's webhook secret. A fix
/// that was merged becomes VERIFIED unless one of its checks failed; one that was closed unmerged becomes FIX_FAILED.
#[utoipa::path(post, path = "/api/v1/hooks/github", tag = "repair",
    request_body(content = Object, description = "What GitHub sends"),
    params(("X-GitHub-Event" = String, Header, description = "`pull_request`, `status`, `check_run` or `check_suite`"),
           ("X-Hub-Signature-256" = String, Header, description = "`sha256=` and the HMAC-SHA-256 of the body, in hexadecimal")),
    responses((status = 200, body = Taken),
              (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn github(
    State(state): State<SharedState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Taken>, Problem> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let event = header("x-github-event").unwrap_or_default();
    let signature = header("x-hub-signature-256").and_then(|value| value.strip_prefix("sha256="));
    take(&state, body, signature, |sent| match event {
        "pull_request" => payload::pull_request(sent),
        "status" => payload::status(sent),
        "check_run" | "check_suite" => payload::check(sent, event),
        _ => None,
    })
    .await
}
