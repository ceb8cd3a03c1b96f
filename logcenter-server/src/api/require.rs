//! The gate before the administrator's routes, and who calls.

use super::problem::Problem;
use crate::access::Caller;
use crate::center::Center;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

impl FromRequestParts<Center> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, center: &Center) -> Result<Self, Self::Rejection> {
        Ok(center.access.identify(parts))
    }
}

/// Lets an administrator through.
pub(super) async fn administrator(
    State(center): State<Center>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    center.access.administer(&caller)?;
    Ok(next.run(request).await)
}
