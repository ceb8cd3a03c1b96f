//! Posted forms and query parameters.

use crate::dashboard::ui::fault::Fault;
use crate::http::query::query;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use std::convert::Infallible;
use std::time::Duration;

/// Maximum size of a form in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// How long a client may take to send it.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The fields of a form, in the order in which they were posted.
pub(crate) struct Form(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let body = tokio::time::timeout(READ_TIMEOUT, Bytes::from_request(request, state)).await;
        let body = body.ok().and_then(Result::ok).filter(|body| body.len() <= MAX_BYTES);
        let body = body.ok_or(Fault::Invalid("fault.form"))?;
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }
}

/// The query parameters of a page.
pub(crate) struct QueryForm(pub(crate) Form);

impl<S: Send + Sync> FromRequestParts<S> for QueryForm {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Form(query(parts))))
    }
}

fn trimmed(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\0', "\u{fffd}").trim().to_owned()
}

impl Form {
    /// Removes a field and returns it trimmed; `None` if it is empty or absent.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        let text = trimmed(&self.0.remove(at).1);
        (!text.is_empty()).then_some(text)
    }

    /// A field, trimmed, which stays in place; `None` only if it is absent.
    pub(crate) fn peek(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| trimmed(value))
    }

    /// All fields with this name.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let fields = self.0.iter().filter(|(key, _)| key == name);
        fields.map(|(_, value)| value.clone()).collect()
    }

    /// A field that names one of our own pages: a path, never another site.
    pub(crate) fn own_path(&mut self, name: &str) -> Option<String> {
        self.take(name).filter(|path| is_own_path(path))
    }
}

/// Whether a redirect to this path stays on this site: `//host` and `/\host` do not.
pub(crate) fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && path.chars().all(|c| c.is_ascii_graphic() && c != '\\')
}

#[cfg(test)]
mod tests {
    use super::is_own_path;

    #[test]
    fn only_paths_of_ours() {
        assert!(is_own_path("/issues?q=a%20b"));
        assert!(is_own_path("/"));
        for other in
            ["//evil.example", "/\\evil.example", "https://evil.example", "issues", "", "/\t/evil.example"]
        {
            assert!(!is_own_path(other), "{other}");
        }
    }
}
