//! Repairing issues: what an agent asks and tells the server.

use super::{Api, Error, Issue, Project};
use http::Method;
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use logcenter_core::{Level, ProjectId, Source, Status};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What an agent wants to work on.
///
/// ```
/// use logcenter_client::api::NewClaim;
/// use logcenter_core::Source;
///
/// let wanted = NewClaim { sources: vec![Source::Cicd], ..NewClaim::by("repair-1", 120) };
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct NewClaim {
    /// The agent's name.
    pub worker: String,
    /// The statuses it takes issues at.
    pub statuses: Vec<Status>,
    /// Only this issue.
    pub issue_id: Option<i64>,
    /// Only issues of these projects.
    pub project_ids: Option<Vec<ProjectId>>,
    /// Only issues of these sources.
    pub sources: Vec<Source>,
    /// Only issues of this level or worse.
    pub min_level: Option<Level>,
    /// Only issues with an event that came with a valid key.
    pub trusted: bool,
    /// For how long the lease lasts, and each heartbeat renews it.
    pub lease_seconds: u32,
}

impl NewClaim {
    /// A claim of any runtime error that can be claimed.
    #[must_use]
    pub fn by(worker: impl Into<String>, lease_seconds: u32) -> Self {
        Self {
            worker: worker.into(),
            statuses: vec![Status::New, Status::PendingFix, Status::FixFailed],
            issue_id: None,
            project_ids: None,
            sources: vec![Source::Runtime],
            min_level: None,
            trusted: false,
            lease_seconds,
        }
    }
}

/// An issue that was claimed.
///
/// ```
/// # fn say(claim: &logcenter_client::api::Claim) {
/// println!("issue {}, until {}", claim.issue.id, claim.lease.expires_at);
/// # }
/// ```
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Claim {
    /// The issue.
    pub issue: Issue,
    /// Its project.
    pub project: Project,
    /// The lease.
    pub lease: NewLease,
    /// What an earlier attempt may have pushed.
    pub resume: Option<Resume>,
    /// The attempt whose patch a person approved.
    pub approved_attempt: Option<Attempt>,
    /// What a person tells this attempt.
    pub hint: Option<String>,
}

/// A lease that was just made.
///
/// ```
/// # fn say(lease: &logcenter_client::api::NewLease) {
/// println!("claim {} of the issue", lease.epoch);
/// # }
/// ```
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct NewLease {
    /// The secret that proves it.
    pub token: String,
    /// Which claim of the issue it is.
    pub epoch: i64,
    /// When it runs out (RFC 3339), unless a heartbeat renews it.
    pub expires_at: String,
}

/// What an earlier attempt meant to push, and may have pushed.
///
/// ```
/// # fn say(resume: &logcenter_client::api::Resume) {
/// println!("{} at {}", resume.branch, resume.commit_hash);
/// # }
/// ```
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Resume {
    /// The attempt.
    pub attempt_id: i64,
    /// The branch.
    pub branch: String,
    /// The commit.
    pub commit_hash: String,
    /// The commit it began from.
    pub base_commit: Option<String>,
    /// The pull request, if there is one already.
    pub pull_request_url: Option<String>,
}

/// A renewed lease.
///
/// ```
/// # fn must_stop(renewed: &logcenter_client::api::Renewed) -> bool {
/// renewed.cancel
/// # }
/// ```
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Renewed {
    /// When it runs out (RFC 3339), unless it is renewed again.
    pub expires_at: String,
    /// Whether a person wants the work to stop.
    pub cancel: bool,
}

/// What an attempt cost.
///
/// ```
/// use logcenter_client::api::Cost;
/// let cost = Cost { usd: Some(0.41), tokens: Some(61_000), seconds: Some(192.0) };
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Money, in US dollars.
    pub usd: Option<f64>,
    /// Tokens of a language model.
    pub tokens: Option<i64>,
    /// Time, in seconds.
    pub seconds: Option<f64>,
}

/// A text that an attempt leaves behind.
///
/// ```
/// use logcenter_client::api::NewArtifact;
/// use logcenter_core::repair::ArtifactKind;
///
/// let tests = NewArtifact { kind: ArtifactKind::TestAfter, text: "9 passed".into(), truncated: false };
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewArtifact {
    /// What it is.
    pub kind: ArtifactKind,
    /// The text.
    pub text: String,
    /// Whether something was left out already.
    pub truncated: bool,
}

/// What an agent reports of its attempt. What it leaves out stays as it is.
///
/// ```
/// use logcenter_client::api::AttemptUpdate;
/// use logcenter_core::repair::{Stage, Verdict};
///
/// let reproduced =
///     AttemptUpdate { verdict: Some(Verdict::Reproduced), ..AttemptUpdate::at(Stage::Verify) };
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttemptUpdate {
    /// How far it has come.
    pub stage: Stage,
    /// What it found out, or how it ended.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reason: Option<String>,
    /// The commit it began from.
    pub base_commit: Option<String>,
    /// The branch it began from, which its fix is meant for.
    pub base_branch: Option<String>,
    /// The commit of the fix.
    pub commit_hash: Option<String>,
    /// The branch of the fix.
    pub branch: Option<String>,
    /// The pull request of the fix.
    pub pull_request_url: Option<String>,
    /// What it cost so far.
    pub cost: Cost,
    /// What it leaves behind; one of a kind replaces an earlier one.
    pub artifacts: Vec<NewArtifact>,
}

impl AttemptUpdate {
    /// An attempt that has come so far.
    #[must_use]
    pub fn at(stage: Stage) -> Self {
        Self {
            stage,
            verdict: None,
            reason: None,
            base_commit: None,
            base_branch: None,
            commit_hash: None,
            branch: None,
            pull_request_url: None,
            cost: Cost::default(),
            artifacts: Vec::new(),
        }
    }
}

/// What an agent did under one lease.
///
/// ```
/// # fn has_failed(attempt: &logcenter_client::api::Attempt) -> bool {
/// attempt.verdict.is_some_and(|verdict| verdict.is_failure())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// Its id.
    pub id: i64,
    /// The issue.
    pub issue_id: i64,
    /// Which claim of the issue it belongs to.
    pub epoch: i64,
    /// The agent's name.
    pub worker: String,
    /// How far it has come.
    pub stage: Stage,
    /// What it found out, or how it ended.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reason: Option<String>,
    /// The commit it began from.
    pub base_commit: Option<String>,
    /// The branch it began from, which its fix is meant for.
    pub base_branch: Option<String>,
    /// The commit of the fix.
    pub commit_hash: Option<String>,
    /// The branch of the fix.
    pub branch: Option<String>,
    /// The pull request of the fix.
    pub pull_request_url: Option<String>,
    /// When it began (RFC 3339).
    pub started_at: String,
    /// When it ended (RFC 3339); then it is never changed any more.
    pub ended_at: Option<String>,
    /// What it cost.
    pub cost: Cost,
    /// What it left behind; empty in lists.
    #[serde(default)]
    pub artifacts: Vec<Artifact>,
}

/// A text that an attempt left behind.
///
/// ```
/// # fn is_whole(artifact: &logcenter_client::api::Artifact) -> bool {
/// !artifact.truncated
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Artifact {
    /// What it is.
    pub kind: ArtifactKind,
    /// Its whole length, in bytes.
    pub bytes: i64,
    /// Whether something is missing in the middle.
    pub truncated: bool,
    /// The text.
    pub text: String,
}

/// A page of attempts.
#[derive(Debug, Clone, Deserialize)]
struct AttemptPage {
    attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Reported {
    id: i64,
}

impl Api {
    /// Claims the next issue to work on; `None` if there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn claim(&self, wanted: &NewClaim) -> Result<Option<Claim>, Error> {
        self.send_json(Method::POST, "/api/v1/issues/claim", wanted).await
    }

    /// Renews a lease.
    ///
    /// # Errors
    /// [`Error`]; with status 409 if the lease was lost.
    pub async fn heartbeat(&self, id: i64, lease_token: &str) -> Result<Renewed, Error> {
        let body = json!({"lease_token": lease_token});
        self.send_json(Method::POST, &format!("/api/v1/issues/{id}/heartbeat"), &body).await
    }

    /// Gives an issue back.
    ///
    /// # Errors
    /// [`Error`]; with status 409 if the lease was lost.
    pub async fn release(&self, id: i64, lease_token: &str, note: Option<&str>) -> Result<(), Error> {
        let body = json!({"lease_token": lease_token, "note": note});
        self.send_json(Method::POST, &format!("/api/v1/issues/{id}/release"), &body).await
    }

    /// Creates the attempt of a lease, or adds to it; returns its id.
    ///
    /// # Errors
    /// [`Error`]; with status 409 if the lease was lost, or the attempt has ended.
    pub async fn report_attempt(
        &self,
        id: i64,
        lease_token: &str,
        update: &AttemptUpdate,
    ) -> Result<i64, Error> {
        #[derive(Serialize)]
        struct UnderLease<'a> {
            lease_token: &'a str,
            #[serde(flatten)]
            update: &'a AttemptUpdate,
        }
        let body = UnderLease { lease_token, update };
        let path = format!("/api/v1/issues/{id}/attempts");
        let reported: Reported = self.send_json(Method::POST, &path, &body).await?;
        Ok(reported.id)
    }

    /// The newest attempts at an issue, without what they left behind.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn attempts(&self, id: i64) -> Result<Vec<Attempt>, Error> {
        let page: AttemptPage = self.get(&format!("/api/v1/issues/{id}/attempts"), &()).await?;
        Ok(page.attempts)
    }

    /// An attempt with what it left behind.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn attempt(&self, id: i64) -> Result<Attempt, Error> {
        self.get(&format!("/api/v1/attempts/{id}"), &()).await
    }
}
