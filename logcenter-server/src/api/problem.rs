//! Error responses: `application/problem+json` (RFC 9457).

use crate::access::Denied;
use crate::api::view::{self, words};
use crate::domain::IssueDetail;
use crate::domain::repair::{ApprovalRefused, AttemptRefused, LeaseRefused};
use crate::ingest::Refusal;
use crate::store::StoreError;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use logcenter_core::{Rejection, Status};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, and what to do about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The meaning of the status.
    title: &'static str,
    /// What is wrong with this request, and what to do about it.
    detail: String,
    /// All invalid fields and query parameters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// The statuses the issue may change to instead (409).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<words::Status>>)]
    allowed: Option<Vec<Status>>,
    /// The current issue (409).
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<Box<view::Issue>>,
    #[serde(skip)]
    header: Option<(HeaderName, HeaderValue)>,
}

/// An error in a field or query parameter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The field, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/error/type")]
    pub(crate) pointer: Option<String>,
    /// The query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<String>,
    /// What is wrong with it.
    pub(crate) detail: String,
}

impl FieldError {
    pub(crate) fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, detail: detail.into() }
    }

    pub(crate) fn parameter(parameter: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(parameter.into()), detail: detail.into() }
    }
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or("Problem"),
            detail: detail.into(),
            errors: Vec::new(),
            allowed: None,
            issue: None,
            header: None,
        }
    }

    fn with_header(self, name: HeaderName, value: &'static str) -> Self {
        Self { header: Some((name, HeaderValue::from_static(value))), ..self }
    }

    pub(crate) fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("There is no {what}."))
    }

    /// Whether the request failed only because the server is unavailable.
    pub(crate) fn is_unavailable(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    /// 422 with all errors.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match &errors[..] {
            [
                FieldError { pointer: Some(at), detail, .. } | FieldError { parameter: Some(at), detail, .. },
            ] => {
                format!("{} {detail}.", if at.is_empty() { "The body" } else { at.as_str() })
            }
            errors => format!("{} fields are wrong; see errors. Nothing was changed.", errors.len()),
        };
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// 409: the transition is not permitted.
    pub(crate) fn refused_transition(issue: IssueDetail, to: Status, allowed: Vec<Status>) -> Self {
        let about = &issue.issue;
        let detail = if about.status == to {
            format!("Issue {} is {to} already.", about.id)
        } else {
            let to_go: Vec<&str> = allowed.iter().map(|status| status.as_str()).collect();
            format!(
                "Issue {} is {} and cannot become {to}; allowed: {}. An administrator can override this with `force` and a `note`.",
                about.id,
                about.status,
                to_go.join(", ")
            )
        };
        Self {
            allowed: Some(allowed),
            issue: Some(Box::new(issue.into())),
            ..Self::new(StatusCode::CONFLICT, detail)
        }
    }

    /// 409: the issue has changed since the caller read it.
    pub(crate) fn stale(issue: IssueDetail) -> Self {
        let detail = format!(
            "Issue {} is {} at revision {} now, not what was expected; read it again, then decide.",
            issue.issue.id, issue.issue.status, issue.issue.revision
        );
        Self { issue: Some(Box::new(issue.into())), ..Self::new(StatusCode::CONFLICT, detail) }
    }

    /// 403: an agent needs a lease.
    pub(crate) fn lease_needed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "An agent changes the status of an issue only under its lease: claim the issue, and send lease_token.",
        )
    }

    /// 503: nothing was stored; the client should retry.
    pub(crate) fn unavailable(detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).with_header(RETRY_AFTER, "1")
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::NotJson(reason) => Self::new(
                StatusCode::BAD_REQUEST,
                format!("The body is not JSON: {reason}. Nothing was stored."),
            ),
            Rejection::TooDeep => Self::new(
                StatusCode::BAD_REQUEST,
                format!(
                    "The body nests deeper than {} arrays and objects.",
                    logcenter_core::report::MAX_DEPTH
                ),
            ),
            Rejection::Invalid(violations) => Self::invalid(
                violations.into_iter().map(|one| FieldError::field(one.pointer, one.detail)).collect(),
            ),
        }
    }
}

impl From<LeaseRefused> for Problem {
    fn from(refused: LeaseRefused) -> Self {
        let detail = match refused {
            LeaseRefused::Lost => {
                "The lease was lost: it ran out, or the issue was taken back. Publish nothing."
            }
            LeaseRefused::Stopped => {
                "A person wants this to stop. Only heartbeats, attempts and the release are taken."
            }
        };
        Self::new(StatusCode::CONFLICT, detail)
    }
}

impl From<AttemptRefused> for Problem {
    fn from(refused: AttemptRefused) -> Self {
        match refused {
            AttemptRefused::Ended => {
                Self::new(StatusCode::CONFLICT, "The attempt has ended; it is not changed any more.")
            }
            AttemptRefused::Incomplete => {
                let missing = |field: &str| FieldError::field(field, "is required to publish");
                Self::invalid(vec![missing("/branch"), missing("/commit_hash")])
            }
        }
    }
}

impl From<ApprovalRefused> for Problem {
    fn from(refused: ApprovalRefused) -> Self {
        let detail = match refused {
            ApprovalRefused::NotAwaited => "No patch of this issue waits for approval.",
            ApprovalRefused::NoPatch => "This attempt at this issue has no patch that passed.",
            ApprovalRefused::OtherDiff => "The diff is another than the one that was read. Read it again.",
            ApprovalRefused::Truncated => {
                "The diff was too long to be kept, so nobody can have read all of it. It cannot be approved."
            }
        };
        Self::new(StatusCode::CONFLICT, detail)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Overload => {
                Self::unavailable("Too many reports at once; nothing was stored. Send it again later.")
            }
            Refusal::Stopping => {
                Self::unavailable("The server is stopping; nothing was stored. Send it again later.")
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // The client gets a fixed text: a database error may contain file and column names.
        tracing::error!(%error, "the store failed");
        match error {
            StoreError::UnknownOutcome(_) => Self::unavailable(
                "The store does not answer, and it is unknown whether the change was made. Look, or report with an event_id, \
                 before you try again.",
            ),
            StoreError::Closed
            | StoreError::Unavailable(_)
            | StoreError::Corrupt { .. }
            | StoreError::Failed(_) => {
                Self::unavailable("The store does not answer; nothing was changed. Try again later.")
            }
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let (status, detail) = match denied {
            Denied::NotLocal => (
                StatusCode::FORBIDDEN,
                "Without an administrator's token only requests from the server's own machine are answered here, to a \
                 loopback Host and not through a proxy. Start the server with --admin-token.",
            ),
            Denied::KeyNeeded => (
                StatusCode::UNAUTHORIZED,
                "An ingest key of the project is needed: Authorization: Bearer <key>, X-Log-Center-Key: <key>, or \
                 ?key=<key>. An administrator makes one by POST /api/v1/projects/{project_id}/keys.",
            ),
            Denied::OtherProject => (StatusCode::FORBIDDEN, "The ingest key belongs to another project."),
            Denied::TokenNeeded => (
                StatusCode::UNAUTHORIZED,
                "A token is needed: Authorization: Bearer <token>, the administrator's or one with a role that allows this.",
            ),
            Denied::NotAdministrator => (
                StatusCode::FORBIDDEN,
                "Only an administrator may do this, and not from a page of another origin.",
            ),
            Denied::RoleLacks => (
                StatusCode::FORBIDDEN,
                "The token's role does not allow this. An administrator makes tokens by POST /api/v1/tokens.",
            ),
            Denied::TooManyGuesses => (
                StatusCode::TOO_MANY_REQUESTS,
                "Too many wrong tokens came from this address. Wait a minute, then try the right one.",
            ),
        };
        let problem = Self::new(status, detail);
        match denied {
            Denied::KeyNeeded | Denied::TokenNeeded => problem.with_header(WWW_AUTHENTICATE, "Bearer"),
            Denied::TooManyGuesses => problem.with_header(RETRY_AFTER, "60"),
            Denied::NotLocal | Denied::OtherProject | Denied::NotAdministrator | Denied::RoleLacks => problem,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
