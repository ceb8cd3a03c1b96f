//! Issues.

use super::{Api, Error};
use logcenter_core::{Level, ProjectId, Source, Status};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// All events with one fingerprint. Times are RFC 3339 in UTC.
///
/// ```
/// # fn is_ours(issue: &logcenter_client::api::Issue) -> bool {
/// use logcenter_core::Status;
///
/// issue.status == Status::New && issue.trusted && issue.count >= 10
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Issue {
    /// Its number: never changes and is never used again.
    pub id: i64,
    /// Lower-case hexadecimal MD5 of what identifies it.
    pub fingerprint: String,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Where it arises.
    pub source: Source,
    /// Where it stands.
    pub status: Status,
    /// Raised by every status change and never by counting.
    pub revision: i64,
    /// The environment of its latest event.
    pub environment: String,
    /// The level of its latest event.
    pub level: Level,
    /// The version of its latest event.
    pub version: Option<String>,
    /// The commit of its latest event.
    pub commit_hash: Option<String>,
    /// The error of its latest event.
    pub error: IssueError,
    /// The context of its latest event; `None` in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Value>,
    /// How many errors were reported.
    pub count: i64,
    /// How often it came back after a fix.
    pub regressions: i64,
    /// Whether its latest event came with a valid key.
    pub trusted: bool,
    /// When it was first seen.
    pub first_seen: String,
    /// When it was last seen.
    pub last_seen: String,
    /// What a later server says, too.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What went wrong, and where.
///
/// ```
/// # fn say(issue: &logcenter_client::api::Issue) {
/// let error = &issue.error;
/// if let (Some(file), Some(line)) = (&error.file_path, error.line_number) {
///     println!("{} at {file}:{line}", error.error_type);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IssueError {
    /// The error's type.
    #[serde(rename = "type")]
    pub error_type: String,
    /// Its message.
    pub message: String,
    /// The file it arose in.
    pub file_path: Option<String>,
    /// The line it arose at.
    pub line_number: Option<u64>,
    /// The stack, a line each; `None` in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<Vec<String>>,
}

/// Some of the issues.
///
/// ```
/// # use logcenter_client::api::{Api, Error, Issue, IssueFilter};
/// # async fn all(api: Api) -> Result<Vec<Issue>, Error> {
/// let (mut all, mut filter) = (Vec::new(), IssueFilter::default());
/// loop {
///     let page = api.issues(&filter).await?;
///     all.extend(page.issues);
///     filter.cursor = page.next_cursor;
///     if filter.cursor.is_none() {
///         break Ok(all);
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IssuePage {
    /// In the order that was asked for.
    pub issues: Vec<Issue>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
}

/// Which issues are wanted.
///
/// ```
/// use logcenter_client::api::IssueFilter;
/// use logcenter_core::{Source, Status};
///
/// let broken_builds = IssueFilter {
///     source: Some(Source::Cicd),
///     status: Some(Status::New),
///     sort: Some("count".into()),
///     ..IssueFilter::default()
/// };
/// ```
#[derive(Debug, Clone, Default, Serialize)]
pub struct IssueFilter {
    /// Of this project.
    pub project_id: Option<ProjectId>,
    /// Of this status.
    pub status: Option<Status>,
    /// Of this source.
    pub source: Option<Source>,
    /// Of this level.
    pub level: Option<Level>,
    /// Seen in this environment.
    pub environment: Option<String>,
    /// With this text in type, message or file.
    pub q: Option<String>,
    /// Last seen at this time or later (RFC 3339).
    pub since: Option<String>,
    /// Last seen before this time.
    pub until: Option<String>,
    /// `last_seen`, `first_seen` or `count`.
    pub sort: Option<String>,
    /// How many, 200 at most.
    pub limit: Option<u32>,
    /// Where the page begins.
    pub cursor: Option<String>,
}

/// A change of an issue's status.
///
/// ```
/// use logcenter_client::api::StatusChange;
/// use logcenter_core::Status;
///
/// let change = StatusChange {
///     expected_status: Some(Status::New),
///     actor: Some("repair-agent".into()),
///     ..StatusChange::to(Status::Verifying)
/// };
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct StatusChange {
    /// What it becomes.
    pub status: Status,
    /// The status that it must have.
    pub expected_status: Option<Status>,
    /// The revision that it must have.
    pub expected_revision: Option<i64>,
    /// Why.
    pub note: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// Whether the table of transitions is set aside; needs a note.
    pub force: bool,
    /// The commit that goes with it.
    pub commit_hash: Option<String>,
    /// The pull request that goes with it.
    pub pull_request_url: Option<String>,
}

impl StatusChange {
    /// To this status.
    #[must_use]
    pub fn to(status: Status) -> Self {
        Self {
            status,
            expected_status: None,
            expected_revision: None,
            note: None,
            actor: None,
            force: false,
            commit_hash: None,
            pull_request_url: None,
        }
    }
}

/// A status change that was made.
///
/// ```
/// # async fn say(api: logcenter_client::api::Api) -> Result<(), logcenter_client::api::Error> {
/// for change in api.history(7).await? {
///     println!("{} {} → {} by {}", change.at, change.from, change.to, change.actor);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// Who.
    pub actor: String,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub at: String,
    /// Whether it set the table of transitions aside.
    pub forced: bool,
    /// The commit that went with it.
    pub commit_hash: Option<String>,
    /// The pull request that went with it.
    pub pull_request_url: Option<String>,
}

/// One report that was accepted.
///
/// ```
/// # async fn say(api: logcenter_client::api::Api) -> Result<(), logcenter_client::api::Error> {
/// for event in api.events(7).await? {
///     println!("{} in {}: {}", event.at, event.environment, event.error.message);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Its number within the issue.
    pub id: i64,
    /// What the client calls it.
    pub event_id: Option<String>,
    /// When the error happened.
    pub at: String,
    /// Where it ran.
    pub environment: String,
    /// How bad it is.
    pub level: Level,
    /// The error.
    pub error: IssueError,
    /// The context.
    pub context: Option<Value>,
    /// How many errors it stands for.
    pub count: i64,
    /// What else the server says.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

#[derive(Deserialize)]
struct History {
    history: Vec<HistoryEntry>,
}

#[derive(Deserialize)]
struct Events {
    events: Vec<Event>,
}

impl Api {
    /// A page of issues, without stack and context.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn issues(&self, filter: &IssueFilter) -> Result<IssuePage, Error> {
        self.get("/api/v1/issues", filter).await
    }

    /// One issue, whole.
    ///
    /// # Errors
    /// [`Error`]; 404 when there is none of this number.
    pub async fn issue(&self, id: i64) -> Result<Issue, Error> {
        self.get(&format!("/api/v1/issues/{id}"), &()).await
    }

    /// Changes an issue's status; the issue as it is then.
    ///
    /// # Errors
    /// [`Error`]; 409 when the change is not allowed, or the issue is no longer as expected.
    pub async fn change(&self, id: i64, change: &StatusChange) -> Result<Issue, Error> {
        self.send_json(Method::PATCH, &format!("/api/v1/issues/{id}"), change).await
    }

    /// Its latest status changes, newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn history(&self, id: i64) -> Result<Vec<HistoryEntry>, Error> {
        Ok(self.get::<History>(&format!("/api/v1/issues/{id}/history"), &()).await?.history)
    }

    /// Its latest events that are kept, newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn events(&self, id: i64) -> Result<Vec<Event>, Error> {
        Ok(self.get::<Events>(&format!("/api/v1/issues/{id}/events"), &()).await?.events)
    }
}
