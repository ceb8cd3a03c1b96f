//! Path parameters. What lies outside the caller's scope does not exist.

use super::visitor::Visitor;
use crate::api::problem::Problem;
use crate::domain::{AttemptId, IssueId, Scope, TokenId};
use crate::http::query::path_parameter;
use crate::state::SharedState;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use logcenter_core::ProjectId;
use std::str::FromStr;

/// `{id}` in the path: an issue's id. Anything but a number is a 404.
pub(crate) struct IssuePath(pub(crate) IssueId);

/// `{project_id}` in the path. An invalid id is a 404.
pub(crate) struct ProjectPath(pub(crate) ProjectId);

/// `{id}` in the path: a token's id. Anything but a number is a 404.
pub(crate) struct TokenPath(pub(crate) TokenId);

/// `{id}` in the path: an attempt's id. Anything but a number is a 404.
pub(crate) struct AttemptPath(pub(crate) AttemptId);

/// Parses a path parameter.
async fn parsed<T: FromStr>(parts: &mut Parts, name: &str, what: &str) -> Result<T, Problem> {
    let text = path_parameter(parts, &(), name).await.unwrap_or_default();
    text.parse().map_err(|_| Problem::not_found(format_args!("{what} {text:?}")))
}

/// The project in the path, of a route without a gate.
pub(crate) async fn project_id(parts: &mut Parts) -> Result<ProjectId, Problem> {
    parsed(parts, "project_id", "project").await
}

impl FromRequestParts<SharedState> for IssuePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, Problem> {
        let id = parsed(parts, "id", "issue").await?;
        let Visitor(caller) = Visitor::from_request_parts(parts, state).await?;
        let scope = caller.scope();
        if scope != Scope::All {
            let project_id = state.store.project_of(id).await?;
            if !project_id.is_some_and(|project_id| scope.holds(&project_id)) {
                return Err(Problem::not_found(format_args!("issue {id}")));
            }
        }
        Ok(Self(id))
    }
}

impl FromRequestParts<SharedState> for ProjectPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, Problem> {
        let project_id = project_id(parts).await?;
        let Visitor(caller) = Visitor::from_request_parts(parts, state).await?;
        if caller.scope().holds(&project_id) {
            Ok(Self(project_id))
        } else {
            Err(Problem::not_found(format_args!("project {project_id}")))
        }
    }
}

impl FromRequestParts<SharedState> for TokenPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &SharedState) -> Result<Self, Problem> {
        parsed(parts, "id", "token").await.map(Self)
    }
}

impl FromRequestParts<SharedState> for AttemptPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &SharedState) -> Result<Self, Problem> {
        parsed(parts, "id", "attempt").await.map(Self)
    }
}
