//! Ingest keys.

use super::rows;
use super::writer::Session;
use crate::domain::IngestKey;
use crate::secret::SecretHash;
use crate::store::StoreError;
use logcenter_core::{ProjectId, Timestamp};
use rusqlite::{Connection, Result, Row, params};

pub(super) fn all(connection: &Connection) -> std::result::Result<Vec<(SecretHash, IngestKey)>, StoreError> {
    let mut select = connection.prepare_cached("SELECT * FROM ingest_keys ORDER BY id")?;
    Ok(select.query_map([], key)?.collect::<Result<_>>()?)
}

fn key(row: &Row<'_>) -> Result<(SecretHash, IngestKey)> {
    let key = IngestKey {
        id: row.get("id")?,
        project_id: rows::project_id(row)?,
        hint: row.get("hint")?,
        created_at: rows::time(row, "created_at")?,
    };
    Ok((SecretHash::from_bytes(row.get("hash")?), key))
}

pub(super) fn add(
    session: &mut Session<'_>,
    project_id: &ProjectId,
    hash: SecretHash,
    hint: &str,
    now: Timestamp,
) -> std::result::Result<Option<IngestKey>, StoreError> {
    if super::projects::one(&session.transaction, project_id)?.is_none() {
        return Ok(None);
    }
    session.transaction.execute(
        "INSERT INTO ingest_keys (project_id, hash, hint, created_at) VALUES (?1, ?2, ?3, ?4)",
        params![project_id.as_str(), hash.as_bytes(), hint, now.millis()],
    )?;
    let id = session.transaction.last_insert_rowid();
    Ok(Some(IngestKey { id, project_id: project_id.clone(), hint: hint.into(), created_at: now }))
}

pub(super) fn delete(
    session: &mut Session<'_>,
    project_id: &ProjectId,
    id: Option<i64>,
) -> std::result::Result<usize, StoreError> {
    Ok(session.transaction.execute(
        "DELETE FROM ingest_keys WHERE project_id = ?1 AND (?2 IS NULL OR id = ?2)",
        params![project_id.as_str(), id],
    )?)
}
