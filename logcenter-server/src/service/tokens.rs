//! Tokens for programs: creating and revoking them.

use super::access::refresh;
use crate::access::random::{TOKEN_PREFIX, new_secret};
use crate::domain::{NewToken, SecretHash, Token, TokenId};
use crate::state::State;
use crate::store::StoreError;

/// Creates a token and returns it, this one time only.
pub(crate) async fn create(state: &State, token: NewToken) -> Result<(Token, String), StoreError> {
    let secret = new_secret(TOKEN_PREFIX).map_err(|error| StoreError::Failed(error.to_string()))?;
    let about = state.store.add_token(SecretHash::of(&secret), token, state.clock.now()).await?;
    refresh(state).await?;
    Ok((about, secret))
}

/// Revokes a token and takes back what was claimed with it; returns whether it existed.
pub(crate) async fn delete(state: &State, id: TokenId) -> Result<bool, StoreError> {
    let existed = state.store.delete_token(id, state.clock.now()).await?;
    state.feed.wake();
    refresh(state).await?;
    Ok(existed)
}
