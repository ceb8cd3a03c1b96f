//! `POST /api/v1/hooks/gitea`

use super::{Taken, payload, take};
use crate::api::problem::Problem;
use crate::state::SharedState;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;

/// Take a webhook of Gitea or Forgejo.
///
/// Let the forge send pull requests and statuses, signed with the server's webhook secret. A fix that was merged becomes
/// VERIFIED unless one of its checks failed; one that was closed unmerged becomes FIX_FAILED.
#[utoipa::path(post, path = "/api/v1/hooks/gitea", tag = "repair",
    request_body(content = Object, description = "What Gitea sends"),
    params(("X-Gitea-Event" = String, Header, description = "`pull_request` or `status`"),
           ("X-Gitea-Signature" = String, Header, description = "HMAC-SHA-256 of the body, in hexadecimal")),
    responses((status = 200, body = Taken),
              (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn gitea(
    State(state): State<SharedState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Taken>, Problem> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let event = header("x-gitea-event").unwrap_or_default();
    take(&state, body, header("x-gitea-signature"), |sent| match event {
        "pull_request" => payload::pull_request(sent),
        "status" => payload::status(sent),
        _ => None,
    })
    .await
}
