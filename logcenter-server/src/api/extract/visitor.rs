//! The caller of a route behind the gate.

use crate::access::{Caller, Denied};
use crate::api::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::sync::Arc;

/// Who is calling, as the gate found out.
pub(crate) struct Visitor(pub(crate) Arc<Caller>);

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().map(Self).ok_or_else(|| Denied::TokenNeeded.into())
    }
}
