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

/// Lets an administrator through: with the token, or with the session of a browser that shows pages of this server.
pub(super) async fn administrator(
    State(center): State<Center>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    center.access.administer(&center.access.visitor(&parts, center.clock.now()))?;
    Ok(next.run(Request::from_parts(parts, body)).await)
}
