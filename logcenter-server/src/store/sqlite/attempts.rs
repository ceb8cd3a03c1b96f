//! Attempts, and what they left behind.

use super::rows::{self, time, time_or_null, word};
use crate::domain::repair::{Artifact, Attempt, Cost};
use crate::domain::{AttemptId, Epoch, IssueId, Page};
use crate::store::{StoreError, columns};
use logcenter_core::repair::{ArtifactKind, Verdict};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, Transaction, params};

fn attempt(row: &Row<'_>) -> Result<Attempt> {
    rows::intact("attempts", row, |row| {
        let verdict: Option<Verdict> = match row.get_ref("verdict")?.as_str_or_null()? {
            Some(_) => Some(word(row, "verdict")?),
            None => None,
        };
        Ok(Attempt {
            id: AttemptId(row.get("id")?),
            issue_id: IssueId(row.get("issue_id")?),
            epoch: Epoch(row.get("epoch")?),
            worker: row.get("worker")?,
            stage: word(row, "stage")?,
            verdict,
            reason: rows::text(row, "reason")?,
            base_commit: rows::text(row, "base_commit")?,
            base_branch: rows::text(row, "base_branch")?,
            commit_hash: rows::text(row, "commit_hash")?,
            branch: rows::text(row, "branch")?,
            pull_request_url: rows::text(row, "pull_request_url")?,
            started_at: time(row, "started_at")?,
            ended_at: time_or_null(row, "ended_at")?,
            cost: Cost { usd: row.get("usd")?, tokens: row.get("tokens")?, seconds: row.get("seconds")? },
        })
    })
}

fn one(connection: &Connection, condition: &str, params: impl Params) -> Result<Option<Attempt>> {
    let mut select = connection.prepare_cached(&format!("SELECT * FROM attempts WHERE {condition}"))?;
    select.query_row(params, attempt).optional()
}

/// An attempt.
pub(super) fn get(connection: &Connection, id: AttemptId) -> Result<Option<Attempt>> {
    one(connection, "id = ?1", [id.0])
}

/// The attempt of an epoch.
pub(super) fn of_epoch(connection: &Connection, id: IssueId, epoch: Epoch) -> Result<Option<Attempt>> {
    one(connection, "issue_id = ?1 AND epoch = ?2", [id.0, epoch.0])
}

/// The newest attempts at an issue, newest first.
pub(super) fn newest(connection: &Connection, id: IssueId) -> Result<Vec<Attempt>> {
    let mut select = connection
        .prepare_cached("SELECT * FROM attempts WHERE issue_id = ?1 ORDER BY epoch DESC LIMIT 20")?;
    select.query_map([id.0], attempt)?.collect()
}

/// The attempts at an issue before `before`, newest first.
pub(super) fn page(
    connection: &Connection,
    id: IssueId,
    before: Option<AttemptId>,
    limit: u32,
) -> std::result::Result<Option<Page<Attempt>>, StoreError> {
    let exists = connection.query_row("SELECT 1 FROM issues WHERE id = ?1", [id.0], |_| Ok(())).optional()?;
    if exists.is_none() {
        return Ok(None);
    }
    let mut select = connection.prepare_cached(
        "SELECT * FROM attempts WHERE issue_id = ?1 AND id < ?2 ORDER BY epoch DESC LIMIT ?3",
    )?;
    let before = before.map_or(i64::MAX, |before| before.0);
    let rows = select.query_map(params![id.0, before, limit + 1], attempt)?;
    Ok(Some(Page::of(rows.collect::<Result<_>>()?, limit)))
}

/// The id for a new attempt: one more than the highest that was ever used.
pub(super) fn new_id(connection: &Connection) -> Result<AttemptId> {
    let sql = "SELECT 1 + ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'attempts'), 0)";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0).map(AttemptId))
}

/// Writes an attempt.
pub(super) fn write(transaction: &Transaction<'_>, attempt: &Attempt) -> Result<()> {
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO attempts (id, issue_id, epoch, worker, stage, verdict, reason, base_commit, base_branch,
           commit_hash, branch, pull_request_url, started_at, ended_at, usd, tokens, seconds)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, verdict = excluded.verdict, reason = excluded.reason,
           base_commit = excluded.base_commit, base_branch = excluded.base_branch, commit_hash = excluded.commit_hash,
           branch = excluded.branch, pull_request_url = excluded.pull_request_url, ended_at = excluded.ended_at,
           usd = excluded.usd, tokens = excluded.tokens, seconds = excluded.seconds",
    )?;
    upsert.execute(params![
        attempt.id.0,
        attempt.issue_id.0,
        attempt.epoch.0,
        attempt.worker,
        attempt.stage.as_str(),
        attempt.verdict.map(Verdict::as_str),
        attempt.reason.as_deref(),
        attempt.base_commit.as_deref(),
        attempt.base_branch.as_deref(),
        attempt.commit_hash.as_deref(),
        attempt.branch.as_deref(),
        attempt.pull_request_url.as_deref(),
        attempt.started_at.millis(),
        attempt.ended_at.map(logcenter_core::Timestamp::millis),
        attempt.cost.usd,
        attempt.cost.tokens,
        attempt.cost.seconds,
    ])?;
    Ok(())
}

/// Writes what an attempt left behind, in place of an earlier one of its kind.
pub(super) fn write_artifact(
    transaction: &Transaction<'_>,
    id: AttemptId,
    artifact: &Artifact,
) -> std::result::Result<(), StoreError> {
    let deflated = columns::deflate(&artifact.text)?;
    let mut upsert = transaction.prepare_cached(
        "INSERT INTO artifacts (attempt_id, kind, bytes, truncated, deflated) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (attempt_id, kind) DO UPDATE SET bytes = excluded.bytes, truncated = excluded.truncated,
           deflated = excluded.deflated",
    )?;
    let (bytes, truncated) = (artifact.bytes, artifact.truncated);
    upsert.execute(params![id.0, artifact.kind.as_str(), bytes, truncated, deflated])?;
    Ok(())
}

/// What an attempt left behind, in the order of its stages.
pub(super) fn artifacts(connection: &Connection, id: AttemptId) -> Result<Vec<Artifact>> {
    let mut select = connection.prepare_cached("SELECT * FROM artifacts WHERE attempt_id = ?1")?;
    let mut all = select.query_map([id.0], artifact)?.collect::<Result<Vec<_>>>()?;
    all.sort_unstable_by_key(|artifact| artifact.kind);
    Ok(all)
}

/// One kind of what an attempt left behind.
pub(super) fn artifact_of(
    connection: &Connection,
    id: AttemptId,
    kind: ArtifactKind,
) -> Result<Option<Artifact>> {
    let mut select =
        connection.prepare_cached("SELECT * FROM artifacts WHERE attempt_id = ?1 AND kind = ?2")?;
    select.query_row(params![id.0, kind.as_str()], artifact).optional()
}

fn artifact(row: &Row<'_>) -> Result<Artifact> {
    rows::intact("artifacts", row, |row| {
        let at = row.as_ref().column_index("deflated")?;
        let text = columns::inflate(row.get_ref(at)?.as_blob()?)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Blob, Box::new(error)))?;
        Ok(Artifact {
            kind: word(row, "kind")?,
            text,
            bytes: row.get("bytes")?,
            truncated: row.get("truncated")?,
        })
    })
}
