//! Speaking to a server.

use crate::args::Server;
use crate::exit::Failure;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// A server's API.
pub(crate) struct Api {
    base: Url,
    client: Client,
    secret: Option<String>,
}

impl Api {
    /// The server that the arguments name; `secret` is shown instead of the administrator's token.
    pub(crate) fn new(server: &Server, secret: Option<String>) -> Result<Self, Failure> {
        let unusable = |why: String| Failure::usage(format!("--url {:?} cannot be used: {why}", server.url));
        let base: Url = server.url.parse().map_err(|error| unusable(format!("{error}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(unusable("it must begin with http:// or https://".into()));
        }
        let client = Client::builder()
            .tls_backend_preconfigured(tls(base.scheme() == "https")?)
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .user_agent(concat!("logcenter/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Failure::failed(format!("cannot make requests: {error}")))?;
        Ok(Self { base, client, secret: secret.or_else(|| server.admin_token.clone()) })
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Failure> {
        self.send(self.request(Method::GET, path)?.query(query)).await
    }

    pub(crate) async fn send_json(&self, method: Method, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.request(method, path)?;
        self.send(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Failure> {
        let address = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let request = self.client.request(method, address);
        Ok(match &self.secret {
            Some(secret) => request.bearer_auth(secret),
            None => request,
        })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let unreachable = |error: reqwest::Error| {
            let mut why = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                why = format!("{why}: {cause}");
                source = cause.source();
            }
            Failure::unreachable(format!(
                "{} does not answer ({why}). Is the server running there? Start it with `logcenter`, or give --url.",
                self.base
            ))
        };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let text = response.text().await.map_err(unreachable)?;
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.is_success() { Ok(body) } else { Err(refusal(status, &body)) }
    }
}

/// What the server's problem says.
fn refusal(status: StatusCode, body: &Value) -> Failure {
    let mut text =
        body["detail"].as_str().map_or_else(|| format!("the server answered {status}"), Into::into);
    for error in body["errors"].as_array().into_iter().flatten() {
        let at = error["pointer"].as_str().or(error["parameter"].as_str()).unwrap_or_default();
        let line = format!("\n  {at}: {}", error["detail"].as_str().unwrap_or_default());
        text.push_str(&line);
    }
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        Failure::not_allowed(text)
    } else {
        Failure::failed(text)
    }
}

/// The system's certificates, or Mozilla's where the system has none. For http none are needed, nor looked for.
fn tls(needed: bool) -> Result<ClientConfig, Failure> {
    let mut roots = RootCertStore::empty();
    if needed {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| Failure::failed(format!("cannot set up TLS: {error}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
