//! Attempts, and what they left behind.

use super::fault::{Fault, Result};
use super::issue_row;
use super::rows::{self, get, time, time_or_null, word};
use super::session::{Params, Session};
use crate::domain::repair::{Artifact, Attempt, Cost};
use crate::domain::{AttemptId, Epoch, IssueId, Page};
use crate::store::columns;
use logcenter_core::Timestamp;
use logcenter_core::repair::{ArtifactKind, Verdict};
use tokio_postgres::Row;

fn attempt(row: &Row) -> Result<Attempt> {
    rows::intact("attempts", row, |row| {
        let verdict: Option<Verdict> = match get::<Option<&str>>(row, "verdict")? {
            Some(_) => Some(word(row, "verdict")?),
            None => None,
        };
        Ok(Attempt {
            id: AttemptId(get(row, "id")?),
            issue_id: rows::issue_id(row, "issue_id")?,
            epoch: Epoch(get(row, "epoch")?),
            worker: get(row, "worker")?,
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
            cost: Cost { usd: get(row, "usd")?, tokens: get(row, "tokens")?, seconds: get(row, "seconds")? },
        })
    })
}

async fn one(session: &Session<'_>, condition: &str, params: Params<'_>) -> Result<Option<Attempt>> {
    let sql = format!("SELECT * FROM attempts WHERE {condition}");
    session.optional(&sql, params).await?.as_ref().map(attempt).transpose()
}

/// An attempt.
pub(super) async fn by_id(session: &Session<'_>, id: AttemptId) -> Result<Option<Attempt>> {
    one(session, "id = $1", &[&id.0]).await
}

/// The attempt of an epoch.
pub(super) async fn of_epoch(session: &Session<'_>, id: IssueId, epoch: Epoch) -> Result<Option<Attempt>> {
    one(session, "issue_id = $1 AND epoch = $2", &[&id.0, &epoch.0]).await
}

/// The newest attempts at an issue, newest first.
pub(super) async fn newest(session: &Session<'_>, id: IssueId) -> Result<Vec<Attempt>> {
    let sql = "SELECT * FROM attempts WHERE issue_id = $1 ORDER BY epoch DESC LIMIT 20";
    session.query(sql, &[&id.0]).await?.iter().map(attempt).collect()
}

/// The attempts at an issue before `before`, newest first.
pub(super) async fn page(
    session: &Session<'_>,
    id: IssueId,
    before: Option<AttemptId>,
    limit: u32,
) -> Result<Option<Page<Attempt>>> {
    if !issue_row::exists(session, id).await? {
        return Ok(None);
    }
    let sql = "SELECT * FROM attempts WHERE issue_id = $1 AND id < $2 ORDER BY epoch DESC LIMIT $3";
    let before = before.map_or(i64::MAX, |before| before.0);
    let rows = session.query(sql, &[&id.0, &before, &i64::from(limit + 1)]).await?;
    Ok(Some(Page::of(rows.iter().map(attempt).collect::<Result<_>>()?, limit)))
}

/// An id for a new attempt.
pub(super) async fn new_id(session: &Session<'_>) -> Result<AttemptId> {
    let sql = "SELECT nextval(pg_get_serial_sequence('attempts', 'id')) AS id";
    Ok(AttemptId(get(&session.one(sql, &[]).await?, "id")?))
}

/// Writes an attempt.
pub(super) async fn write(session: &Session<'_>, attempt: &Attempt) -> Result<()> {
    session
        .execute(
            "INSERT INTO attempts (id, issue_id, epoch, worker, stage, verdict, reason, base_commit, base_branch,
               commit_hash, branch, pull_request_url, started_at, ended_at, usd, tokens, seconds)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, verdict = excluded.verdict,
               reason = excluded.reason, base_commit = excluded.base_commit, base_branch = excluded.base_branch,
               commit_hash = excluded.commit_hash, branch = excluded.branch,
               pull_request_url = excluded.pull_request_url, ended_at = excluded.ended_at, usd = excluded.usd,
               tokens = excluded.tokens, seconds = excluded.seconds",
            &[
                &attempt.id.0,
                &attempt.issue_id.0,
                &attempt.epoch.0,
                &attempt.worker,
                &attempt.stage.as_str(),
                &attempt.verdict.map(Verdict::as_str),
                &attempt.reason.as_deref(),
                &attempt.base_commit.as_deref(),
                &attempt.base_branch.as_deref(),
                &attempt.commit_hash.as_deref(),
                &attempt.branch.as_deref(),
                &attempt.pull_request_url.as_deref(),
                &attempt.started_at.millis(),
                &attempt.ended_at.map(Timestamp::millis),
                &attempt.cost.usd,
                &attempt.cost.tokens,
                &attempt.cost.seconds,
            ],
        )
        .await
        .map(drop)
}

/// Writes what an attempt left behind, in place of an earlier one of its kind.
pub(super) async fn write_artifact(session: &Session<'_>, id: AttemptId, artifact: &Artifact) -> Result<()> {
    let deflated = columns::deflate(&artifact.text)?;
    session
        .execute(
            "INSERT INTO artifacts (attempt_id, kind, bytes, truncated, deflated) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (attempt_id, kind) DO UPDATE SET bytes = excluded.bytes, truncated = excluded.truncated,
               deflated = excluded.deflated",
            &[&id.0, &artifact.kind.as_str(), &artifact.bytes, &artifact.truncated, &deflated],
        )
        .await
        .map(drop)
}

/// What an attempt left behind, in the order of its stages.
pub(super) async fn artifacts(session: &Session<'_>, id: AttemptId) -> Result<Vec<Artifact>> {
    let rows = session.query("SELECT * FROM artifacts WHERE attempt_id = $1", &[&id.0]).await?;
    let mut all = rows.iter().map(artifact).collect::<Result<Vec<_>>>()?;
    all.sort_unstable_by_key(|artifact| artifact.kind);
    Ok(all)
}

/// One kind of what an attempt left behind.
pub(super) async fn artifact_of(
    session: &Session<'_>,
    id: AttemptId,
    kind: ArtifactKind,
) -> Result<Option<Artifact>> {
    let sql = "SELECT * FROM artifacts WHERE attempt_id = $1 AND kind = $2";
    session.optional(sql, &[&id.0, &kind.as_str()]).await?.as_ref().map(artifact).transpose()
}

fn artifact(row: &Row) -> Result<Artifact> {
    rows::intact("artifacts", row, |row| {
        let text = columns::inflate(get(row, "deflated")?)
            .map_err(|error| Fault::corrupt("artifacts", "?", &error))?;
        Ok(Artifact {
            kind: word(row, "kind")?,
            text,
            bytes: get(row, "bytes")?,
            truncated: get(row, "truncated")?,
        })
    })
}
