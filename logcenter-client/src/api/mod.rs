//! Typed client for Log Center's HTTP API, for tools and agents.
//!
//! ```no_run
//! # async fn list() -> Result<(), logcenter_client::api::Error> {
//! use logcenter_client::api::{Api, IssueFilter};
//! use logcenter_core::Status;
//!
//! let api = Api::new("http://localhost:8002", None)?;
//! let filter = IssueFilter { status: Some(Status::New), ..IssueFilter::default() };
//! for issue in api.issues(&filter).await?.issues {
//!     println!("{} {}: {}", issue.id, issue.error.error_type, issue.error.message);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Unlike the rest of this crate, it needs a tokio runtime.

mod error;
mod issues;
mod projects;
mod repair;
mod reports;

pub use error::{Error, FieldProblem, Problem};
pub use issues::{Event, EventPage, HistoryEntry, Issue, IssueError, IssueFilter, IssuePage, StatusChange};
pub use projects::{Deployment, Project, ProjectEdit};
pub use repair::{
    Artifact, Attempt, AttemptUpdate, Claim, Cost, NewArtifact, NewClaim, NewLease, Renewed, Resume,
};
pub use reports::{NewReport, NewReportError, Reported};

use crate::http_client::{HttpClient, ServerUrl};
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);

/// Client for a server's API.
///
/// ```
/// use logcenter_client::api::{Api, Error};
///
/// let api = Api::new("https://errors.example.com/logs", std::env::var("LOG_CENTER_TOKEN").ok().as_deref());
/// assert!(api.is_ok());
/// assert!(matches!(Api::new("errors.example.com", None), Err(Error::Unusable(_))));
/// ```
#[derive(Debug, Clone)]
pub struct Api {
    client: HttpClient,
}

impl Api {
    /// Creates a client for the server at `url`. `secret` is the administrator's token or a project's ingest key.
    ///
    /// # Errors
    /// [`Error::Unusable`] if `url` is not a valid URL.
    pub fn new(url: &str, secret: Option<&str>) -> Result<Self, Error> {
        let url = ServerUrl::parse(url).map_err(Error::Unusable)?;
        let client = HttpClient::new(url, secret, CONNECT_TIMEOUT, TIMEOUT);
        Ok(Self { client: client.map_err(Error::Unusable)? })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &impl Serialize) -> Result<T, Error> {
        let query = serde_urlencoded::to_string(query).map_err(|error| Error::Unusable(error.to_string()))?;
        let separator = if query.is_empty() { "" } else { "?" };
        self.send(Method::GET, &format!("{path}{separator}{query}"), None).await
    }

    async fn send_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let body = serde_json::to_string(body).map_err(|error| Error::Unusable(error.to_string()))?;
        self.send(method, path, Some(body)).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        json: Option<String>,
    ) -> Result<T, Error> {
        let response = self.client.send(method, path, json).await;
        let response = response.map_err(|failure| Error::unreachable(self.client.url(), &failure))?;
        if response.status.is_success() {
            // 204 has no body.
            let body = if response.body.is_empty() { b"null" } else { &response.body[..] };
            return serde_json::from_slice(body).map_err(|error| Error::Unexpected(error.to_string()));
        }
        Err(Error::Refused(Problem::read(&response)))
    }
}
