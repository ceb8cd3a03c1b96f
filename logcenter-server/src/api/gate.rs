//! The access check in front of a group of routes.

use super::problem::Problem;
use crate::access::Permission;
use crate::state::SharedState;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Lets callers through that have the permission: by token, or by the session of a browser that is on a page of this
/// server. Handlers find the caller in the request.
pub(super) async fn require(
    State((state, permission)): State<(SharedState, Permission<'static>)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = state.access.visitor(&parts, state.clock.now());
    state.access.may(&caller, permission)?;
    parts.extensions.insert(Arc::new(caller));
    Ok(next.run(Request::from_parts(parts, body)).await)
}
