//! Issues.

use super::{Api, Error};
use http::Method;
use logcenter_core::{Level, ProjectId, Source, Status};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// All events with the same fingerprint. Times are RFC 3339 in UTC.
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
    /// Its number, which never changes and is never reused.
    pub id: i64,
    /// The MD5 fingerprint that identifies it, in lower-case hexadecimal.
    pub fingerprint: String,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Where it comes from.
    pub source: Source,
    /// Its status.
    pub status: Status,
    /// Incremented by every status change, never by new events.
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
    /// How many occurrences were reported.
    pub count: i64,
    /// How many times it regressed after a fix.
    pub regressions: i64,
    /// Whether its latest event was sent with a valid key.
    pub trusted: bool,
    /// When it was first seen.
    pub first_seen: String,
    /// When it was last seen.
    pub last_seen: String,
    /// Fields added by newer servers.
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
    /// The file it occurred in.
    pub file_path: Option<String>,
    /// The line it occurred on.
    pub line_number: Option<u64>,
    /// The stack trace, one line per element; `None` in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<Vec<String>>,
}

/// One page of issues.
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
    /// In the requested order.
    pub issues: Vec<Issue>,
    /// Cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// Which issues to list, and in which order.
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
    /// Only issues of this project.
    pub project_id: Option<ProjectId>,
    /// Only issues with this status.
    pub status: Option<Status>,
    /// Only issues from this source.
    pub source: Option<Source>,
    /// Only issues with this level.
    pub level: Option<Level>,
    /// Only issues seen in this environment.
    pub environment: Option<String>,
    /// A query, as in `is:open -env:staging since:24h timeout`. Its words must be in type, message or file.
    pub q: Option<String>,
    /// Only issues last seen at or after this time (RFC 3339).
    pub since: Option<String>,
    /// Only issues last seen before this time.
    pub until: Option<String>,
    /// Sort order: `last_seen`, `first_seen` or `count`.
    pub sort: Option<String>,
    /// Page size, at most 200.
    pub limit: Option<u32>,
    /// Cursor of the page to return.
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
    /// The new status.
    pub status: Status,
    /// The status the issue must currently have.
    pub expected_status: Option<Status>,
    /// The revision the issue must currently have.
    pub expected_revision: Option<i64>,
    /// Why it is changed.
    pub note: Option<String>,
    /// Who changes it.
    pub actor: Option<String>,
    /// Whether to skip the table of transitions; requires a note.
    pub force: bool,
    /// The related commit.
    pub commit_hash: Option<String>,
    /// The related pull request.
    pub pull_request_url: Option<String>,
    /// The token of the lease under which an agent makes the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease_token: Option<String>,
}

impl StatusChange {
    /// A change to this status, with nothing else set.
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
            lease_token: None,
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
    /// Who made it.
    pub actor: String,
    /// Why it was made.
    pub note: Option<String>,
    /// When it was made.
    pub at: String,
    /// Whether it skipped the table of transitions.
    pub forced: bool,
    /// The related commit.
    pub commit_hash: Option<String>,
    /// The related pull request.
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
    /// The client's ID for the event.
    pub event_id: Option<String>,
    /// When the error happened.
    pub at: String,
    /// The environment it ran in.
    pub environment: String,
    /// Its severity.
    pub level: Level,
    /// The version of the program.
    pub version: Option<String>,
    /// The commit that the program was built from.
    pub commit_hash: Option<String>,
    /// The error.
    pub error: IssueError,
    /// The context.
    pub context: Option<Value>,
    /// How many occurrences it stands for.
    pub count: i64,
    /// Whether it was sent with a valid key of a server.
    pub trusted: bool,
    /// Other fields from the server.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

#[derive(Deserialize)]
struct History {
    history: Vec<HistoryEntry>,
}

/// One page of an issue's events.
///
/// ```
/// # use logcenter_client::api::{Api, Error};
/// # async fn count(api: Api) -> Result<usize, Error> {
/// let (mut count, mut cursor) = (0, None);
/// loop {
///     let page = api.event_page(7, cursor.as_deref()).await?;
///     count += page.events.len();
///     cursor = page.next_cursor;
///     if cursor.is_none() {
///         break Ok(count);
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct EventPage {
    /// Newest first.
    pub events: Vec<Event>,
    /// Cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

impl Api {
    /// Returns a page of issues, without stack traces and contexts.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn issues(&self, filter: &IssueFilter) -> Result<IssuePage, Error> {
        self.get("/api/v1/issues", filter).await
    }

    /// Returns one issue with all its fields.
    ///
    /// # Errors
    /// [`Error`]; 404 if there is no such issue.
    pub async fn issue(&self, id: i64) -> Result<Issue, Error> {
        self.get(&format!("/api/v1/issues/{id}"), &()).await
    }

    /// Changes an issue's status and returns the updated issue.
    ///
    /// # Errors
    /// [`Error`]; 409 if the change is not allowed, or the issue is no longer as expected.
    pub async fn change(&self, id: i64, change: &StatusChange) -> Result<Issue, Error> {
        self.send_json(Method::PATCH, &format!("/api/v1/issues/{id}"), change).await
    }

    /// Returns an issue's latest status changes, newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn history(&self, id: i64) -> Result<Vec<HistoryEntry>, Error> {
        Ok(self.get::<History>(&format!("/api/v1/issues/{id}/history"), &()).await?.history)
    }

    /// Returns an issue's latest stored events, newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn events(&self, id: i64) -> Result<Vec<Event>, Error> {
        Ok(self.event_page(id, None).await?.events)
    }

    /// Returns a page of an issue's stored events, newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn event_page(&self, id: i64, cursor: Option<&str>) -> Result<EventPage, Error> {
        #[derive(Serialize)]
        struct EventsOf<'a> {
            cursor: Option<&'a str>,
        }
        self.get(&format!("/api/v1/issues/{id}/events"), &EventsOf { cursor }).await
    }
}
