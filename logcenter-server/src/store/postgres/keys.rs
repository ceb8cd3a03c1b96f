//! Ingest keys.

use super::fault::Result;
use super::rows::{self, get};
use super::session::Session;
use super::{Postgres, generation};
use crate::domain::{IngestKey, KeyId, SecretHash, Secrets};
use crate::store::{Keys, StoreFuture};
use logcenter_core::{KeyKind, ProjectId, Timestamp};
use tokio_postgres::Row;

const GENERATION: &str = "ingest_keys";

impl Keys for Postgres {
    fn keys(&self) -> StoreFuture<'_, Secrets<IngestKey>> {
        self.read((), |session, ()| Box::pin(all(session)))
    }

    fn keys_since(&self, known: i64) -> StoreFuture<'_, Option<Secrets<IngestKey>>> {
        self.read(known, |session, known| {
            Box::pin(async move {
                let is_known = generation::read(session, GENERATION).await? == *known;
                Ok(if is_known { None } else { Some(all(session).await?) })
            })
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
        self.write((project_id, kind, hash, hint, now), |session, (project_id, kind, hash, hint, now)| {
            Box::pin(async move {
                // Not while the project is being deleted.
                let known = "SELECT 1 FROM projects WHERE project_id = $1 FOR SHARE";
                if !session.exists(known, &[&project_id.as_str()]).await? {
                    return Ok(None);
                }
                generation::raise(session, GENERATION).await?;
                let row = session
                    .one(
                        "INSERT INTO ingest_keys (project_id, kind, hash, hint, created_at) VALUES ($1, $2, $3, $4, $5)
                         RETURNING id",
                        &[&project_id.as_str(), &kind.as_str(), &&hash.as_bytes()[..], hint, &now.millis()],
                    )
                    .await?;
                let (id, project_id, hint) = (KeyId(get(&row, "id")?), project_id.clone(), hint.clone());
                Ok(Some(IngestKey { id, project_id, kind: *kind, hint, created_at: *now }))
            })
        })
    }

    fn delete_keys(&self, project_id: ProjectId, id: Option<KeyId>) -> StoreFuture<'_, usize> {
        self.write((project_id, id), |session, (project_id, id)| Box::pin(delete(session, project_id, *id)))
    }
}

async fn all(session: &Session<'_>) -> Result<Secrets<IngestKey>> {
    let rows = session.query("SELECT * FROM ingest_keys ORDER BY id", &[]).await?;
    let all = rows.iter().map(key).collect::<Result<_>>()?;
    Ok(Secrets { generation: generation::read(session, GENERATION).await?, all })
}

fn key(row: &Row) -> Result<(SecretHash, IngestKey)> {
    rows::intact("ingest_keys", row, |row| {
        let key = IngestKey {
            id: KeyId(get(row, "id")?),
            project_id: rows::project_id(row)?,
            kind: rows::word(row, "kind")?,
            hint: get(row, "hint")?,
            created_at: rows::time(row, "created_at")?,
        };
        Ok((rows::secret(row, "hash")?, key))
    })
}

/// Revokes one key of a project, or all; returns how many.
pub(super) async fn delete(
    session: &Session<'_>,
    project_id: &ProjectId,
    id: Option<KeyId>,
) -> Result<usize> {
    let sql = "DELETE FROM ingest_keys WHERE project_id = $1 AND ($2::bigint IS NULL OR id = $2)";
    let deleted = session.execute(sql, &[&project_id.as_str(), &id.map(|id| id.0)]).await?;
    if deleted > 0 {
        generation::raise(session, GENERATION).await?;
    }
    Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
}
