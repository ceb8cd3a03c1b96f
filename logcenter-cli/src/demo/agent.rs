//! What a repair agent did in the demo's week.

use crate::exit::Failure;
use logcenter_client::api::{Api, AttemptUpdate, Claim, Cost, NewArtifact, NewClaim, StatusChange};
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use logcenter_core::{Source, Status};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The commit of every fix.
pub(super) const COMMIT: &str = "c41d9ae07b35";

/// The longest that a lease can be: the demo does not renew it.
const LEASE_SECONDS: u32 = 3600;

/// What an agent left behind.
#[derive(Deserialize, Clone, Default)]
pub(super) struct Attempt {
    reason: Option<String>,
    usd: Option<f64>,
    #[serde(default)]
    artifacts: BTreeMap<ArtifactKind, Vec<String>>,
}

/// Claims an issue and takes it through these statuses. What ends at VERIFYING or FIXING is still worked on; a patch at
/// PENDING_FIX waits for a person.
pub(super) async fn work(api: &Api, id: i64, statuses: &[Status], attempt: Attempt) -> Result<(), Failure> {
    let (issue_id, sources) = (Some(id), Source::ALL.to_vec());
    let wanted = NewClaim { issue_id, sources, ..NewClaim::by("repair-agent", LEASE_SECONDS) };
    let Some(claim) = api.claim(&wanted).await? else { return Ok(()) };
    let token = &claim.lease.token;
    let mut left_behind = attempt.artifacts.into_iter().map(|(kind, lines)| NewArtifact {
        kind,
        text: lines.join("\n") + "\n",
        truncated: false,
    });
    let last = statuses.last().copied().unwrap_or_default();
    let (stage, verdict) = ended(last);
    let is_published = last == Status::Fixed;
    let update = AttemptUpdate {
        verdict,
        reason: attempt.reason,
        base_commit: Some("9f31c2ab77d0".into()),
        base_branch: Some("main".into()),
        commit_hash: is_published.then(|| COMMIT.into()),
        branch: is_published.then(|| format!("logcenter/fix-{id}-e{}", claim.lease.epoch)),
        pull_request_url: is_published.then(|| pull_request(&claim)),
        cost: Cost { usd: attempt.usd, tokens: None, seconds: None },
        artifacts: left_behind.by_ref().collect(),
        ..AttemptUpdate::at(stage)
    };
    // A patch that waits was written while FIXING.
    let waits = last == Status::PendingFix;
    let path = statuses.iter().skip(1).copied().chain(waits.then_some(Status::Fixing));
    let path: Vec<Status> = path.collect();
    let (end, way) = match path.split_last() {
        Some((end, way)) => (Some(*end), way),
        None => (None, &path[..]),
    };
    for &status in way {
        moves(api, id, token, status).await?;
    }
    if end == Some(Status::Fixing) {
        moves(api, id, token, Status::Fixing).await?;
    }
    api.report_attempt(id, token, &update).await?;
    match end {
        Some(Status::Fixing) if waits => api.release(id, token, Some("a patch waits for you")).await?,
        Some(Status::Fixing) | None => {}
        Some(end) => moves(api, id, token, end).await?,
    }
    Ok(())
}

async fn moves(api: &Api, id: i64, token: &str, to: Status) -> Result<(), Failure> {
    let change = StatusChange { lease_token: Some(token.into()), ..StatusChange::to(to) };
    api.change(id, &change).await?;
    Ok(())
}

/// How far an attempt has come that leaves an issue at this status, and how it ended.
fn ended(status: Status) -> (Stage, Option<Verdict>) {
    match status {
        Status::New | Status::Verifying => (Stage::Verify, None),
        Status::CannotReproduce => (Stage::Verify, Some(Verdict::NotReproduced)),
        Status::PendingFix => (Stage::Fix, Some(Verdict::Fixed)),
        Status::Fixing => (Stage::Fix, Some(Verdict::Reproduced)),
        Status::FixFailed => (Stage::Fix, Some(Verdict::TestsFailed)),
        Status::Fixed | Status::Verified | Status::Deployed => (Stage::Publish, Some(Verdict::Fixed)),
    }
}

fn pull_request(claim: &Claim) -> String {
    let repository = claim.project.more.get("repo_url").and_then(Value::as_str);
    let repository = repository.unwrap_or("https://git.example.com/team/shop");
    format!("{}/pulls/{}", repository.trim_end_matches(".git"), 80 + claim.issue.id)
}
