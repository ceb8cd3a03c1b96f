//! Cross-origin requests: what browsers need to hear before they deliver a report from another origin.
//!
//! A beacon makes its preflight with credentials, so `*` will not do: the origin is mirrored, and the header's name is
//! said. Cookies are never read here, so nothing is opened by it.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

/// What a client may name in a cross-origin request: the JSON type, and its key.
const HEADERS: &str = "content-type, authorization, x-log-center-key";

/// How a route answers pages of other origins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cors {
    pub(super) method: &'static str,
    pub(super) credentials: bool,
}

impl Cors {
    /// The ingest routes.
    pub(super) const REPORT: Self = Self { method: "POST", credentials: true };
    /// The registration of a project.
    pub(super) const REGISTER: Self = Self { method: "PUT", credentials: false };

    /// The answer with what the page's browser needs to hand it over.
    pub(super) fn answer(self, request: &HeaderMap, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        if let Some(origin) = request.get(ORIGIN) {
            self.open(response.headers_mut(), origin);
        }
        response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
        response
    }

    fn open(self, headers: &mut HeaderMap, origin: &HeaderValue) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }

    /// The answer to a preflight.
    pub(super) fn preflight(self, request: &HeaderMap) -> Response {
        let mut response = self.answer(request, StatusCode::NO_CONTENT);
        let mut say =
            |name: HeaderName, value| response.headers_mut().insert(name, HeaderValue::from_static(value));
        say(ACCESS_CONTROL_ALLOW_METHODS, self.method);
        say(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        say(ACCESS_CONTROL_MAX_AGE, "86400");
        response
    }
}
