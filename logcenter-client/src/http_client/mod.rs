//! HTTP/1.1 and HTTPS requests to one server. Everything it needs is handed over explicitly: a program that uses
//! `rustls`, `hyper` or `reqwest` itself finds them as if this crate were not there.

mod connector;
mod server_url;
mod stream;
mod tls;

pub(crate) use server_url::ServerUrl;

use connector::Connector;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

/// Largest response that is read, in bytes.
const RESPONSE_BYTES: usize = 32 * 1024 * 1024;

/// How long an unused connection is kept, less than servers and proxies usually keep it.
const IDLE: Duration = Duration::from_secs(20);

/// Sends requests to one server. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient {
    url: ServerUrl,
    client: Client<Connector, Full<Bytes>>,
    authorization: Option<HeaderValue>,
    proxy_authorization: Option<HeaderValue>,
    timeout: Duration,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no response.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody listens there.
    Refused(String),
    /// The request took too long, or was interrupted.
    Failed(String),
}

impl HttpClient {
    /// Creates a client that sends `secret` with each request. No connection is made yet.
    pub(crate) fn new(
        url: ServerUrl,
        secret: Option<&str>,
        connect_timeout: Duration,
        timeout: Duration,
    ) -> Result<Self, String> {
        let authorization = match secret {
            Some(secret) => Some(sensitive(&format!("Bearer {secret}"))?),
            None => url.basic_auth().as_deref().map(sensitive).transpose()?,
        };
        let connector = Connector::to(&url, connect_timeout)?;
        let proxy_authorization = connector.proxy_authorization();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(Self { url, client, authorization, proxy_authorization, timeout })
    }

    pub(crate) fn url(&self) -> &ServerUrl {
        &self.url
    }

    /// Sends a request; `path` is below the server's URL and may have a query, `json` is the body.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        json: Option<String>,
    ) -> Result<Response, Failure> {
        match tokio::time::timeout(self.timeout, self.exchange(method, path, json)).await {
            Ok(answered) => answered,
            Err(_) => Err(Failure::Failed(format!("no response within {:?}", self.timeout))),
        }
    }

    async fn exchange(&self, method: Method, path: &str, json: Option<String>) -> Result<Response, Failure> {
        let mut request = Request::new(Full::from(json.unwrap_or_default()));
        *request.method_mut() = method.clone();
        *request.uri_mut() = self.url.join(path).map_err(Failure::Failed)?;
        let headers = request.headers_mut();
        headers
            .insert(USER_AGENT, HeaderValue::from_static(concat!("logcenter/", env!("CARGO_PKG_VERSION"))));
        if method != Method::GET {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(value) = &self.authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        if let Some(value) = &self.proxy_authorization {
            headers.insert(http::header::PROXY_AUTHORIZATION, value.clone());
        }
        let response = self.client.request(request).await.map_err(|error| Failure::of(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, RESPONSE_BYTES).collect().await;
        let body = body.map_err(|error| Failure::Failed(chain(&*error)))?.to_bytes();
        Ok(Response { status: head.status, headers: head.headers, body })
    }
}

/// A header value that is not logged. Any text may be a secret, not only ASCII.
fn sensitive(text: &str) -> Result<HeaderValue, String> {
    let value = HeaderValue::from_bytes(text.as_bytes());
    let mut value = value.map_err(|_| "the key contains characters that no header can carry".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

impl Failure {
    fn of(error: &hyper_util::client::legacy::Error) -> Self {
        let refused = std::iter::successors(error.source(), |&cause| cause.source())
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        let why = chain(error);
        if refused && error.is_connect() { Self::Refused(why) } else { Self::Failed(why) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Refused(why) | Self::Failed(why)) = self;
        f.write_str(&crate::scrub::url(why))
    }
}

/// An error with its sources, in one line.
fn chain(error: &dyn Error) -> String {
    let sources = std::iter::successors(error.source(), |&cause| cause.source());
    sources.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
