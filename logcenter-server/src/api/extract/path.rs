//! Path parameters.

use crate::api::problem::Problem;
use crate::domain::IssueId;
use crate::http::query::path_parameter;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use logcenter_core::ProjectId;
use std::str::FromStr;

/// `{id}` in the path: an issue's id. Anything but a number is a 404.
pub(crate) struct IssuePath(pub(crate) IssueId);

/// `{project_id}` in the path. An invalid id is a 404.
pub(crate) struct ProjectPath(pub(crate) ProjectId);

/// Parses a path parameter.
async fn parsed<T: FromStr>(
    parts: &mut Parts,
    state: &(impl Send + Sync),
    name: &str,
    what: &str,
) -> Result<T, Problem> {
    let text = path_parameter(parts, state, name).await.unwrap_or_default();
    text.parse().map_err(|_| Problem::not_found(format_args!("{what} {text:?}")))
}

impl<S: Send + Sync> FromRequestParts<S> for IssuePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        parsed(parts, state, "id", "issue").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ProjectPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        parsed(parts, state, "project_id", "project").await.map(Self)
    }
}
