//! Ingest keys.

use super::StoreFuture;
use crate::domain::{IngestKey, IngestKeys, KeyId, SecretHash};
use logcenter_core::{ProjectId, Timestamp};

/// Ingest keys.
pub trait Keys {
    /// Every ingest key.
    fn keys(&self) -> StoreFuture<'_, IngestKeys>;

    /// Every ingest key, unless `known` is their generation still.
    fn keys_since(&self, known: i64) -> StoreFuture<'_, Option<IngestKeys>>;

    /// Keeps a new key. `None` when there is no such project.
    fn add_key(
        &self,
        project_id: ProjectId,
        hash: SecretHash,
        hint: String,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<IngestKey>>;

    /// Removes one key of a project, or all; how many.
    fn delete_keys(&self, project_id: ProjectId, id: Option<KeyId>) -> StoreFuture<'_, usize>;
}
