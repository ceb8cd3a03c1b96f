//! Ingest keys, as they are listed.

use logcenter_core::{ProjectId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A key that lets a client report for its project. The key itself is not kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IngestKey {
    /// Its number.
    pub id: i64,
    /// The project it reports for.
    #[schema(value_type = String)]
    pub project_id: ProjectId,
    /// Its first characters, to recognise it by.
    pub hint: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}
