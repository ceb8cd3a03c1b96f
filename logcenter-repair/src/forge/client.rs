//! Requests to a forge.

use super::dialect::PAGE;
use super::pull_request::{Checks, NewPullRequest, State};
use crate::clock;
use crate::config::{self, ForgeKind};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Waits before a request is sent again that the forge could not answer.
const AGAIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// Pages that are looked through for a pull request.
const MOST_PAGES: u32 = 20;

/// One repository on a forge.
#[derive(Debug, Clone)]
pub(crate) struct Forge {
    kind: ForgeKind,
    client: Client,
    /// The address of the repository in the API.
    repository: String,
    token: String,
}

/// Why a forge did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ForgeError {
    /// The token is wrong, or may not do it.
    NotAllowed(String),
    /// There is no such repository, or no such pull request.
    NotFound(String),
    /// It cannot be reached, or failed.
    Failed(String),
}

impl fmt::Display for ForgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed(why) | Self::NotFound(why) | Self::Failed(why) => f.write_str(why),
        }
    }
}

impl Forge {
    /// A client for a repository, as `team/shop`.
    ///
    /// # Errors
    /// The system's certificates cannot be read.
    pub(crate) fn new(forge: &config::Forge, token: String, repository: &str) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(TIMEOUT)
            .user_agent("logcenter-repair")
            // A token goes where the operator has said, and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        let repository = format!("{}/repos/{repository}", forge.api.trim_end_matches('/'));
        Ok(Self { kind: forge.kind, client, repository, token })
    }

    /// Opens a draft pull request, or finds the one that is open for that branch; gives its address.
    ///
    /// # Errors
    /// [`ForgeError`].
    pub(crate) async fn open(&self, new: &NewPullRequest) -> Result<String, ForgeError> {
        if let Some(url) = self.find(&new.head).await? {
            return Ok(url);
        }
        let body = self.kind.opening(&new.title, &new.body, &new.head, &new.base);
        let request = self.request(Method::POST, "/pulls").json(&body);
        let (status, text) = self.send(request).await?;
        if status == StatusCode::CREATED {
            return address(&parsed(&text)?);
        }
        if self.kind.is_there_already(status.as_u16(), &text) {
            let found = self.find(&new.head).await?;
            return found
                .ok_or_else(|| ForgeError::Failed("the forge says that the pull request exists".into()));
        }
        Err(self.refusal(status, &text))
    }

    /// The open pull request of a branch of this repository.
    async fn find(&self, head: &str) -> Result<Option<String>, ForgeError> {
        for page in 1..=MOST_PAGES {
            let request = self.request(Method::GET, "/pulls").query(&self.kind.open_ones(page));
            let list = self.get(request).await?;
            let list = list.as_array().ok_or_else(|| ForgeError::Failed("the forge sent no list".into()))?;
            let is_ours = |found: &&Value| {
                found["head"]["ref"] == head
                    && found["head"]["repo"]["full_name"] == found["base"]["repo"]["full_name"]
            };
            if let Some(found) = list.iter().find(is_ours) {
                return address(found).map(Some);
            }
            // A forge may have shorter pages than it was asked for, so only an empty one is the last.
            if list.is_empty() || (self.kind == ForgeKind::GitHub && list.len() < PAGE) {
                break;
            }
        }
        Ok(None)
    }

    /// What became of a pull request that is meant for the branch `base`.
    ///
    /// # Errors
    /// [`ForgeError`].
    pub(crate) async fn state(&self, url: &str, base: &str) -> Result<State, ForgeError> {
        let number = url.rsplit('/').next().filter(|number| number.parse::<u64>().is_ok());
        let number = number.ok_or_else(|| ForgeError::NotFound(format!("{url} is no pull request")))?;
        let found = self.get(self.request(Method::GET, &format!("/pulls/{number}"))).await?;
        Ok(State::read(&found, base))
    }

    /// What the checks of a commit say.
    ///
    /// # Errors
    /// [`ForgeError`].
    pub(crate) async fn checks(&self, commit: &str) -> Result<Checks, ForgeError> {
        let found = self.get(self.request(Method::GET, &format!("/commits/{commit}/status"))).await?;
        let runs = match self.kind {
            ForgeKind::Gitea => None,
            ForgeKind::GitHub => {
                Some(self.get(self.request(Method::GET, &format!("/commits/{commit}/check-runs"))).await?)
            }
        };
        Ok(Checks::read(&found, runs.as_ref()))
    }

    /// Whether the token is accepted and may push.
    ///
    /// # Errors
    /// [`ForgeError`].
    pub(crate) async fn may_push(&self) -> Result<(), ForgeError> {
        let found = self.get(self.request(Method::GET, "")).await?;
        if found["permissions"]["push"] == false {
            return Err(ForgeError::NotAllowed("the token may not push to the repository".into()));
        }
        Ok(())
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let token = format!("{} {}", self.kind.scheme(), self.token);
        self.client
            .request(method, format!("{}{path}", self.repository))
            .header("authorization", token)
            .header("accept", "application/json")
    }

    async fn get(&self, request: RequestBuilder) -> Result<Value, ForgeError> {
        let (status, text) = self.send(request).await?;
        if status.is_success() { parsed(&text) } else { Err(self.refusal(status, &text)) }
    }

    /// Sends a request, again if the forge could not answer.
    async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, String), ForgeError> {
        let mut waits = AGAIN.into_iter();
        loop {
            let copy = request
                .try_clone()
                .ok_or_else(|| ForgeError::Failed("a request cannot be repeated".into()))?;
            let answer = match copy.send().await {
                Ok(response) => {
                    let status = response.status();
                    response.text().await.map(|text| (status, text))
                }
                Err(error) => Err(error),
            };
            let failed = match answer {
                Ok((status, text)) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                    self.refusal(status, &text)
                }
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    ForgeError::Failed(format!("the forge does not answer: {}", error.without_url()))
                }
            };
            match waits.next() {
                Some(wait) => clock::pause(wait).await,
                None => return Err(failed),
            }
        }
    }

    fn refusal(&self, status: StatusCode, text: &str) -> ForgeError {
        let said = serde_json::from_str::<Value>(text).ok();
        let said = said.as_ref().and_then(|said| said["message"].as_str()).unwrap_or_default();
        let said: String = crate::prompt::clean(said, 300);
        let why = format!("{} answered {status} {said}", self.repository).trim_end().to_owned();
        match status.as_u16() {
            401 | 403 => ForgeError::NotAllowed(format!("{why}: check the token's scope")),
            404 => ForgeError::NotFound(why),
            _ => ForgeError::Failed(why),
        }
    }
}

fn parsed(text: &str) -> Result<Value, ForgeError> {
    serde_json::from_str(text).map_err(|error| ForgeError::Failed(format!("the forge sent no JSON: {error}")))
}

fn address(pull_request: &Value) -> Result<String, ForgeError> {
    let url = pull_request["html_url"].as_str();
    url.map(str::to_owned).ok_or_else(|| ForgeError::Failed("the pull request has no address".into()))
}
