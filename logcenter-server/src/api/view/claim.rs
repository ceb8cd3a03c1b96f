//! Claims as JSON.

use super::{Attempt, Issue, Project, words};
use crate::access::Caller;
use crate::api::extract::fields::Fields;
use crate::api::problem::Problem;
use crate::domain::repair::{self, ClaimRequest, LeaseProof};
use crate::domain::text::{ActorName, Hint, LeaseToken, Note};
use crate::domain::{IssueId, SecretHash};
use crate::store;
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};
use serde::Serialize;
use std::ops::RangeInclusive;
use utoipa::ToSchema;

/// For how long a lease may be renewed, in seconds.
const LEASE_SECONDS: RangeInclusive<i64> = 1..=3600;

/// Maximum number of projects that a claim names.
const MAX_PROJECTS: usize = 1000;

/// What an agent wants to work on.
#[derive(ToSchema)]
pub(crate) struct NewClaim {
    /// The agent's name.
    #[schema(inline)]
    worker: ActorName,
    /// The statuses it takes issues at: `NEW`, `PENDING_FIX` or `FIX_FAILED`.
    #[schema(value_type = Vec<words::Status>)]
    statuses: Vec<Status>,
    /// Only this issue.
    #[schema(value_type = Option<i64>)]
    issue_id: Option<IssueId>,
    /// Only issues of these projects.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    project_ids: Option<Vec<ProjectId>>,
    /// Only issues of these sources; `runtime` if omitted.
    #[schema(value_type = Option<Vec<words::Source>>)]
    sources: Vec<Source>,
    /// Only issues of this level or worse.
    #[schema(value_type = Option<words::Level>)]
    min_level: Option<Level>,
    /// Only issues of which a kept event came with a valid key.
    #[schema(value_type = Option<bool>)]
    trusted: bool,
    /// For how long the lease lasts, and each heartbeat renews it.
    #[schema(minimum = 1, maximum = 3600)]
    lease_seconds: i64,
}

impl NewClaim {
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Problem> {
        let worker = fields.required_text("worker");
        let statuses = fields.parsed_items::<Status>("statuses", Status::ALL.len());
        fields.check("statuses", statuses.is_some(), "is required");
        let issue_id = fields.integer("issue_id").map(IssueId);
        let project_ids = fields.parsed_items("project_ids", MAX_PROJECTS);
        let sources = fields.parsed_items("sources", Source::ALL.len());
        let (min_level, trusted) = (fields.parsed("min_level"), fields.boolean("trusted"));
        let lease_seconds = fields.integer("lease_seconds").unwrap_or(0);
        let in_range = LEASE_SECONDS.contains(&lease_seconds);
        fields.check("lease_seconds", in_range, "is required: 1 to 3600 seconds");
        let (worker, statuses) = fields.finish(worker.zip(statuses))?;
        let sources = sources.unwrap_or_else(|| vec![Source::Runtime]);
        Ok(Self { worker, statuses, issue_id, project_ids, sources, min_level, trusted, lease_seconds })
    }

    /// The claim, as this caller asks for it.
    pub(crate) fn by(self, caller: &Caller, secret: SecretHash) -> ClaimRequest {
        ClaimRequest {
            actor: caller.agent(&self.worker),
            token_id: caller.token_id(),
            scope: caller.scope(),
            worker: self.worker,
            statuses: self.statuses,
            issue_id: self.issue_id,
            project_ids: self.project_ids,
            sources: self.sources,
            min_level: self.min_level,
            trusted: self.trusted,
            lease_seconds: self.lease_seconds,
            secret,
        }
    }
}

/// A lease that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewLease {
    /// The secret that proves it. It is returned only here.
    #[schema(example = "lcl_0123456789abcdef0123456789abcdef01234567")]
    token: String,
    /// Which claim of the issue it is.
    epoch: i64,
    /// When it runs out, unless a heartbeat renews it.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// What an earlier attempt meant to push, and may have pushed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Resume {
    /// The attempt.
    attempt_id: i64,
    /// The branch.
    branch: String,
    /// The commit.
    commit_hash: String,
    /// The commit it began from.
    base_commit: Option<String>,
    /// The pull request, if there is one already.
    pull_request_url: Option<String>,
}

/// A claimed issue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Claim {
    /// The issue.
    issue: Issue,
    /// Its project.
    project: Project,
    /// The lease.
    lease: NewLease,
    /// What an earlier attempt may have pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<Resume>,
    /// The attempt whose patch a person approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_attempt: Option<Attempt>,
    /// What a person tells this attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Claim {
    pub(crate) fn of(claim: store::Claim, token: String) -> Self {
        let store::Claim { issue, project, epoch, lease, resume, approved, hint } = claim;
        Self {
            issue: (*issue).into(),
            project: (*project).into(),
            lease: NewLease { token, epoch: epoch.0, expires_at: lease.expires_at },
            resume: resume.and_then(resumed),
            approved_attempt: approved.map(Into::into),
            hint: hint.map(Hint::into_string),
        }
    }
}

fn resumed(attempt: repair::Attempt) -> Option<Resume> {
    Some(Resume {
        attempt_id: attempt.id.0,
        branch: attempt.branch?.into_string(),
        commit_hash: attempt.commit_hash?.into_string(),
        base_commit: attempt.base_commit.map(|commit| commit.into_string()),
        pull_request_url: attempt.pull_request_url.map(|url| url.into_string()),
    })
}

/// The proof of a lease.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows its fields")]
pub(crate) struct Heartbeat {
    /// The token of the lease.
    #[schema(inline)]
    lease_token: LeaseToken,
}

impl Heartbeat {
    pub(crate) fn read(mut fields: Fields) -> Result<LeaseProof, Problem> {
        let token = fields.required_text::<{ LeaseToken::MAX_CHARS }>("lease_token");
        Ok(LeaseProof(SecretHash::of(&fields.finish(token)?)))
    }
}

/// What gives an issue back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows its fields")]
pub(crate) struct Release {
    /// The token of the lease.
    #[schema(inline)]
    lease_token: LeaseToken,
    /// Why.
    #[schema(inline)]
    note: Option<Note>,
}

impl Release {
    pub(crate) fn read(mut fields: Fields) -> Result<(LeaseProof, Option<Note>), Problem> {
        let token = fields.required_text::<{ LeaseToken::MAX_CHARS }>("lease_token");
        let note = fields.text("note");
        Ok((LeaseProof(SecretHash::of(&fields.finish(token)?)), note))
    }
}
