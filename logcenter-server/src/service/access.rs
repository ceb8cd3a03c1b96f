//! Keeps the caches of keys, tokens and sessions in sync with the store, where other replicas change them too.

use crate::access::KeyHolder;
use crate::domain::SecretHash;
use crate::state::State;
use crate::store::StoreError;
use logcenter_core::Timestamp;
use std::sync::Arc;

/// Reads changes that other replicas made to keys, tokens and sessions, and stores which tokens were used.
pub(crate) async fn refresh(state: &State) -> Result<(), StoreError> {
    let access = &state.access;
    if let Some(keys) = state.store.keys_since(access.keys.generation()).await? {
        access.keys.replace(keys, |key| KeyHolder { project_id: key.project_id, kind: key.kind });
    }
    if let Some(tokens) = state.store.tokens_since(access.tokens.generation()).await? {
        access.tokens.replace(tokens, Arc::new);
    }
    let used = access.used_tokens.take();
    if !used.is_empty() {
        state.store.tokens_used(used).await?;
    }
    let now = state.clock.now();
    access.ended_sessions.add(state.store.ended_sessions(now).await?, now);
    Ok(())
}

/// Ends sessions before they expire, on every replica.
pub(crate) async fn sign_out(
    state: &State,
    sessions: Vec<(SecretHash, Timestamp)>,
) -> Result<(), StoreError> {
    // On this replica the session ends at once, even if the store fails.
    state.access.ended_sessions.add(sessions.iter().copied(), state.clock.now());
    for (session, expires) in sessions {
        state.store.end_session(session, expires).await?;
    }
    Ok(())
}
