//! `POST /api/v1/tokens`

use crate::api::extract::fields::Fields;
use crate::api::problem::Problem;
use crate::api::view::{NewToken, Token};
use crate::service;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// A new token.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedToken {
    #[serde(flatten)]
    about: Token,
    /// The token. It is returned only once.
    #[schema(example = "lct_0123456789abcdef0123456789abcdef01234567")]
    token: String,
}

/// Create a token for a program.
///
/// The token is returned only once; only its hash is stored.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewToken,
    responses((status = 201, body = CreatedToken)))]
pub(crate) async fn create(
    State(state): State<SharedState>,
    fields: Fields,
) -> Result<(StatusCode, Json<CreatedToken>), Problem> {
    let new = NewToken::read(fields, state.clock.now())?;
    let (about, token) = service::tokens::create(&state, new).await?;
    Ok((StatusCode::CREATED, Json(CreatedToken { about: about.into(), token })))
}
