//! Ingest keys.

use super::StoreFuture;
use crate::domain::{IngestKey, KeyId, SecretHash, Secrets};
use logcenter_core::{KeyKind, ProjectId, Timestamp};

/// Ingest keys.
pub trait Keys {
    /// All ingest keys.
    fn keys(&self) -> StoreFuture<'_, Secrets<IngestKey>>;

    /// All ingest keys, or `None` if their generation is still `known`.
    fn keys_since(&self, known: i64) -> StoreFuture<'_, Option<Secrets<IngestKey>>>;

    /// Stores a new key. `None` if there is no such project.
    fn add_key(
        &self,
        project_id: ProjectId,
        kind: KeyKind,
        hash: SecretHash,
        hint: String,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<IngestKey>>;

    /// Revokes one key of a project, or all; returns how many.
    fn delete_keys(&self, project_id: ProjectId, id: Option<KeyId>) -> StoreFuture<'_, usize>;
}
