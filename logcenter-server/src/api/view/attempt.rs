//! Attempts as JSON, and what agents report of them.

use super::words;
use crate::api::extract::fields::Fields;
use crate::api::problem::Problem;
use crate::domain::SecretHash;
use crate::domain::repair::{self, LeaseProof};
use crate::domain::text::{Branch, CommitHash, LeaseToken, Note, Url};
use logcenter_core::Timestamp;
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use logcenter_core::report::shorten;
use logcenter_secrets::Secrets;
use serde::Serialize;
use std::sync::LazyLock;
use utoipa::ToSchema;

/// Longest text that is kept of an artifact, in bytes.
const MAX_ARTIFACT_BYTES: usize = 512 * 1024;

/// What an attempt cost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cost {
    /// Money, in US dollars.
    usd: Option<f64>,
    /// Tokens of a language model.
    tokens: Option<i64>,
    /// Time, in seconds.
    seconds: Option<f64>,
}

/// A text that an attempt left behind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Artifact {
    /// What it is.
    #[schema(value_type = words::ArtifactKind)]
    kind: ArtifactKind,
    /// Its whole length, in bytes.
    bytes: i64,
    /// Whether something is missing in the middle.
    truncated: bool,
    /// The text; of a long one its head and its tail.
    text: String,
}

/// What an agent did under one lease.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attempt {
    /// Id of the attempt.
    id: i64,
    /// The issue.
    issue_id: i64,
    /// Which claim of the issue it belongs to.
    epoch: i64,
    /// The agent's name.
    worker: String,
    /// How far it has come.
    #[schema(value_type = words::Stage)]
    stage: Stage,
    /// What it found out, or how it ended.
    #[schema(value_type = Option<words::Verdict>)]
    verdict: Option<Verdict>,
    /// Why.
    reason: Option<String>,
    /// The commit it began from.
    base_commit: Option<String>,
    /// The branch it began from, which its fix is meant for.
    base_branch: Option<String>,
    /// The commit of the fix.
    commit_hash: Option<String>,
    /// The branch of the fix.
    branch: Option<String>,
    /// The pull request of the fix.
    pull_request_url: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When it ended; then it is never changed any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// What it cost.
    cost: Cost,
    /// What it left behind; omitted in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts: Option<Vec<Artifact>>,
}

impl From<repair::Attempt> for Attempt {
    fn from(attempt: repair::Attempt) -> Self {
        let repair::Cost { usd, tokens, seconds } = attempt.cost;
        Self {
            id: attempt.id.0,
            issue_id: attempt.issue_id.0,
            epoch: attempt.epoch.0,
            worker: attempt.worker,
            stage: attempt.stage,
            verdict: attempt.verdict,
            reason: attempt.reason.map(Note::into_string),
            base_commit: attempt.base_commit.map(CommitHash::into_string),
            base_branch: attempt.base_branch.map(Branch::into_string),
            commit_hash: attempt.commit_hash.map(CommitHash::into_string),
            branch: attempt.branch.map(Branch::into_string),
            pull_request_url: attempt.pull_request_url.map(Url::into_string),
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
            cost: Cost { usd, tokens, seconds },
            artifacts: None,
        }
    }
}

impl From<(repair::Attempt, Vec<repair::Artifact>)> for Attempt {
    fn from((attempt, artifacts): (repair::Attempt, Vec<repair::Artifact>)) -> Self {
        let artifact = |artifact: repair::Artifact| {
            let repair::Artifact { kind, text, bytes, truncated } = artifact;
            Artifact { kind, bytes, truncated, text }
        };
        let artifacts = artifacts.into_iter().map(artifact).collect();
        Self { artifacts: Some(artifacts), ..attempt.into() }
    }
}

/// A text to leave behind.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows its fields")]
pub(crate) struct NewArtifact {
    /// What it is.
    #[schema(value_type = words::ArtifactKind)]
    kind: ArtifactKind,
    /// The text; of more than 512 KiB its head and its tail are kept.
    text: String,
    /// Whether the agent has left something out already.
    truncated: Option<bool>,
}

/// What an agent reports of its attempt. What it omits stays as it is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows its fields")]
pub(crate) struct AttemptUpdate {
    /// The token of the lease.
    #[schema(inline)]
    lease_token: LeaseToken,
    /// How far it has come. `publish`, with branch and commit, says that they are about to be pushed.
    #[schema(value_type = words::Stage)]
    stage: Stage,
    /// What it found out, or how it ended.
    #[schema(value_type = Option<words::Verdict>)]
    verdict: Option<Verdict>,
    /// Why.
    #[schema(inline)]
    reason: Option<Note>,
    /// The commit it began from.
    #[schema(inline)]
    base_commit: Option<CommitHash>,
    /// The branch it began from: webhooks about a pull request for another one are not about this fix.
    #[schema(inline)]
    base_branch: Option<Branch>,
    /// The commit of the fix.
    #[schema(inline)]
    commit_hash: Option<CommitHash>,
    /// The branch of the fix.
    #[schema(inline)]
    branch: Option<Branch>,
    /// The pull request of the fix.
    #[schema(inline)]
    pull_request_url: Option<Url>,
    /// What it cost so far.
    cost: Option<Cost>,
    /// What it leaves behind; one of a kind replaces an earlier one.
    #[schema(max_items = 7)]
    artifacts: Option<Vec<NewArtifact>>,
}

impl AttemptUpdate {
    pub(crate) fn read(mut fields: Fields) -> Result<(LeaseProof, repair::AttemptUpdate), Problem> {
        let token = fields.required_text::<{ LeaseToken::MAX_CHARS }>("lease_token");
        let stage = fields.required("stage");
        let (verdict, reason) = (fields.parsed("verdict"), fields.text("reason"));
        let (base_commit, base_branch) = (fields.text("base_commit"), fields.text("base_branch"));
        let (commit_hash, branch, pull_request_url) =
            (fields.text("commit_hash"), fields.text("branch"), fields.text("pull_request_url"));
        let cost = fields.object("cost", |fields| repair::Cost {
            usd: fields.amount("usd"),
            tokens: fields.integer("tokens"),
            seconds: fields.amount("seconds"),
        });
        let artifacts = fields.objects("artifacts", ArtifactKind::ALL.len(), |fields| {
            let (kind, text) = (fields.required::<ArtifactKind>("kind"), fields.required_string("text"));
            let truncated = fields.boolean("truncated");
            kind.zip(text).map(|(kind, text)| artifact(kind, &text, truncated))
        });
        let (token, stage) = fields.finish(token.zip(stage))?;
        let update = repair::AttemptUpdate {
            stage,
            verdict,
            reason,
            base_commit,
            base_branch,
            commit_hash,
            branch,
            pull_request_url,
            cost: cost.unwrap_or_default(),
            artifacts: artifacts.into_iter().flatten().collect(),
        };
        Ok((LeaseProof(SecretHash::of(&token)), update))
    }
}

/// Cuts a text, and masks what looks like a secret, whether the agent has done so or not. A diff stays as it is, because it
/// may be published as it was read.
fn artifact(kind: ArtifactKind, text: &str, truncated: bool) -> repair::Artifact {
    static SECRETS: LazyLock<Option<Secrets>> =
        LazyLock::new(|| Secrets::with_values(std::iter::empty()).ok());
    let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let masked = SECRETS.as_ref().filter(|_| kind != ArtifactKind::Diff).map(|secrets| secrets.mask(text));
    let (kept, shortened) = shorten(masked.as_deref().unwrap_or(text), MAX_ARTIFACT_BYTES);
    repair::Artifact { kind, text: kept.into_owned(), bytes, truncated: truncated || shortened }
}
