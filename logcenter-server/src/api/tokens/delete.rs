//! `DELETE /api/v1/tokens/{id}`

use crate::api::extract::path::TokenPath;
use crate::api::problem::Problem;
use crate::service;
use crate::state::SharedState;
use axum::extract::State;
use axum::http::StatusCode;

/// Revoke a token.
///
/// Every replica refuses it within 5 seconds.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens",
    params(("id" = i64, Path, description = "The token")),
    responses((status = 204, description = "Revoked")))]
pub(crate) async fn delete(
    State(state): State<SharedState>,
    TokenPath(id): TokenPath,
) -> Result<StatusCode, Problem> {
    if service::tokens::delete(&state, id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found(format_args!("token {id}")))
    }
}
