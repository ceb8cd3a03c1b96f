//! The access check in front of the administrator's routes.

use super::problem::Problem;
use crate::access::Permission;
use crate::state::SharedState;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// Lets administrators through: by token, or by the session of a browser that is on a page of this server.
pub(super) async fn require_administrator(
    State(state): State<SharedState>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let caller = state.access.visitor(&parts, state.clock.now());
    state.access.may(&caller, Permission::Administer)?;
    Ok(next.run(Request::from_parts(parts, body)).await)
}
