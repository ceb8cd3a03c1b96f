//! Ingest keys.

use super::ids::KeyId;
use super::secret::SecretHash;
use logcenter_core::{ProjectId, Timestamp};

/// A key that lets a client report for its project. The key itself is not kept.
#[derive(Debug, Clone)]
pub struct IngestKey {
    /// Its number.
    pub id: KeyId,
    /// The project it reports for.
    pub project_id: ProjectId,
    /// Its first characters, to recognise it by.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Every ingest key, and how new that is.
#[derive(Debug, Clone)]
pub struct IngestKeys {
    /// Raised by whatever adds or removes a key, whichever replica does it.
    pub generation: i64,
    /// Each key with its hash.
    pub keys: Vec<(SecretHash, IngestKey)>,
}
