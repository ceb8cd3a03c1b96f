//! Ingest keys.

use super::{Sqlite, generation, rows};
use crate::domain::{IngestKey, KeyId, SecretHash, Secrets};
use crate::store::{Keys, StoreError, StoreFuture};
use logcenter_core::{KeyKind, ProjectId, Timestamp};
use rusqlite::{Connection, Row, Transaction, params};

const GENERATION: &str = "ingest_keys_generation";

impl Keys for Sqlite {
    fn keys(&self) -> StoreFuture<'_, Secrets<IngestKey>> {
        self.read(|connection, _| all(connection))
    }

    fn keys_since(&self, known: i64) -> StoreFuture<'_, Option<Secrets<IngestKey>>> {
        self.peek(move |connection| {
            Ok(if generation::read(connection, GENERATION)? == known { None } else { Some(all(connection)?) })
        })
    }

    fn add_key(
        &self,
        project_id: ProjectId,
        kind: KeyKind,
        hash: SecretHash,
        hint: String,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<IngestKey>> {
        self.writer.run(move |session| {
            let transaction = &session.transaction;
            let known = "SELECT EXISTS (SELECT 1 FROM projects WHERE project_id = ?1)";
            if !transaction.query_row(known, [project_id.as_str()], |row| row.get::<_, bool>(0))? {
                return Ok(None);
            }
            transaction.execute(
                "INSERT INTO ingest_keys (project_id, kind, hash, hint, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![project_id.as_str(), kind.as_str(), hash.as_bytes(), hint, now.millis()],
            )?;
            let id = KeyId(transaction.last_insert_rowid());
            generation::raise(transaction, GENERATION)?;
            Ok(Some(IngestKey { id, project_id, kind, hint, created_at: now }))
        })
    }

    fn delete_keys(&self, project_id: ProjectId, id: Option<KeyId>) -> StoreFuture<'_, usize> {
        self.writer.run(move |session| delete(&session.transaction, &project_id, id))
    }
}

fn all(connection: &Connection) -> Result<Secrets<IngestKey>, StoreError> {
    let mut select = connection.prepare_cached("SELECT * FROM ingest_keys ORDER BY id")?;
    let all = select.query_map([], key)?.collect::<rusqlite::Result<_>>()?;
    Ok(Secrets { generation: generation::read(connection, GENERATION)?, all })
}

fn key(row: &Row<'_>) -> rusqlite::Result<(SecretHash, IngestKey)> {
    rows::intact("ingest_keys", row, |row| {
        let key = IngestKey {
            id: KeyId(row.get("id")?),
            project_id: rows::project_id(row)?,
            kind: rows::word(row, "kind")?,
            hint: row.get("hint")?,
            created_at: rows::time(row, "created_at")?,
        };
        Ok((SecretHash::from_bytes(row.get("hash")?), key))
    })
}

/// Revokes one key of a project, or all; returns how many.
pub(super) fn delete(
    transaction: &Transaction<'_>,
    project_id: &ProjectId,
    id: Option<KeyId>,
) -> Result<usize, StoreError> {
    let deleted = transaction.execute(
        "DELETE FROM ingest_keys WHERE project_id = ?1 AND (?2 IS NULL OR id = ?2)",
        params![project_id.as_str(), id.map(|id| id.0)],
    )?;
    if deleted > 0 {
        generation::raise(transaction, GENERATION)?;
    }
    Ok(deleted)
}
