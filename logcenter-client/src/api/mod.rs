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
mod reports;

pub use error::{Error, FieldProblem, Problem};
pub use issues::{Event, HistoryEntry, Issue, IssueError, IssueFilter, IssuePage, StatusChange};
pub use projects::{Deployment, Project, ProjectEdit};
pub use reports::{NewReport, NewReportError, Reported};

use crate::http_client;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Client for a server's API.
///
/// ```
/// use logcenter_client::api::{Api, Error};
///
/// let api = Api::new("https://errors.example.com/logs", std::env::var("LOG_CENTER_TOKEN").ok());
/// assert!(api.is_ok());
/// assert!(matches!(Api::new("errors.example.com", None), Err(Error::Unusable(_))));
/// ```
#[derive(Debug, Clone)]
pub struct Api {
    base: Url,
    client: Client,
    secret: Option<String>,
}

impl Api {
    /// Creates a client for the server at `url`. `secret` is the administrator's token or a project's ingest key.
    ///
    /// # Errors
    /// [`Error::Unusable`] if `url` is not a valid URL.
    pub fn new(url: &str, secret: Option<String>) -> Result<Self, Error> {
        let base = http_client::base(url).map_err(Error::Unusable)?;
        let client = http_client::build(&base, |builder| {
            builder.connect_timeout(Duration::from_secs(5)).timeout(Duration::from_secs(30))
        });
        Ok(Self { base, client: client.map_err(Error::Unusable)?, secret })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &impl Serialize) -> Result<T, Error> {
        self.send(self.request(Method::GET, path).query(query)).await
    }

    async fn send_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let body = serde_json::to_string(body).map_err(|error| Error::Unusable(error.to_string()))?;
        self.send(self.request(method, path).header(CONTENT_TYPE, "application/json").body(body)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, http_client::address(&self.base, path));
        match &self.secret {
            Some(secret) => request.bearer_auth(secret),
            None => request,
        }
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let unreachable = |error: reqwest::Error| Error::unreachable(&self.base, &error);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let body = response.bytes().await.map_err(unreachable)?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| Error::Unexpected(error.to_string()));
        }
        Err(Error::Refused(Problem::read(status, &body)))
    }
}
