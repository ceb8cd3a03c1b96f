//! Ingest keys.

use super::ids::KeyId;
use logcenter_core::{KeyKind, ProjectId, Timestamp};

/// A key that lets a client report for its project. The key itself is not stored.
#[derive(Debug, Clone)]
pub struct IngestKey {
    /// Its id.
    pub id: KeyId,
    /// The project it reports for.
    pub project_id: ProjectId,
    /// Who has it.
    pub kind: KeyKind,
    /// Its first characters, to recognise it by.
    pub hint: String,
    /// When it was created.
    pub created_at: Timestamp,
}
