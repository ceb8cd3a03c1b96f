//! An ingest key as JSON.

use super::words;
use crate::domain;
use logcenter_core::{KeyKind, ProjectId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A key that lets a client report for its project. The key itself is not stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IngestKey {
    /// Id of the key.
    id: i64,
    /// The project it reports for.
    #[schema(value_type = String)]
    project_id: ProjectId,
    /// Who has it.
    #[schema(value_type = words::KeyKind)]
    kind: KeyKind,
    /// Its first characters, to recognise it by.
    hint: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<domain::IngestKey> for IngestKey {
    fn from(key: domain::IngestKey) -> Self {
        let domain::IngestKey { id, project_id, kind, hint, created_at } = key;
        Self { id: id.0, project_id, kind, hint, created_at }
    }
}
