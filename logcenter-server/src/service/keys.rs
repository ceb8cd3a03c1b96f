//! Ingest keys: creating, listing and revoking them.

use super::access::refresh;
use crate::access::random::{KEY_PREFIX, new_secret};
use crate::domain::{IngestKey, KeyId, SecretHash};
use crate::state::State;
use crate::store::StoreError;
use logcenter_core::{KeyKind, ProjectId};

/// Characters of a key that are kept to recognise it by.
const HINT: usize = 8;

/// Creates an ingest key and returns it, this one time only. `None` if there is no such project.
pub(crate) async fn create(
    state: &State,
    project_id: ProjectId,
    kind: KeyKind,
) -> Result<Option<(IngestKey, String)>, StoreError> {
    let key = new_secret(KEY_PREFIX).map_err(|error| StoreError::Failed(error.to_string()))?;
    let (hash, hint) = (SecretHash::of(&key), key[..HINT].into());
    let about = state.store.add_key(project_id, kind, hash, hint, state.clock.now()).await?;
    refresh(state).await?;
    Ok(about.map(|about| (about, key)))
}

/// The keys of a project, without the keys themselves.
pub(crate) async fn list(state: &State, project_id: &ProjectId) -> Result<Vec<IngestKey>, StoreError> {
    let keys = state.store.keys().await?.all.into_iter().map(|(_, key)| key);
    Ok(keys.filter(|key| key.project_id == *project_id).collect())
}

/// Revokes one key of a project, or all; returns how many.
pub(crate) async fn delete(
    state: &State,
    project_id: ProjectId,
    id: Option<KeyId>,
) -> Result<usize, StoreError> {
    let deleted = state.store.delete_keys(project_id, id).await?;
    refresh(state).await?;
    Ok(deleted)
}
