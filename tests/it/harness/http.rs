//! Requests and responses.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::sync::Arc;

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of a 2xx response.
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The body of a problem with this status; it must say what to do.
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(!problem["title"].as_str().unwrap().is_empty());
        assert!(problem["detail"].as_str().unwrap().len() > 10, "{problem}");
        problem
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The pointers or parameters in a problem's `errors`.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let problem = self.json();
        let at =
            |error: &Value| error["pointer"].as_str().or(error["parameter"].as_str()).unwrap().to_owned();
        problem["errors"].as_array().into_iter().flatten().map(at).collect()
    }
}

/// A client for one server.
#[derive(Clone)]
pub(crate) struct Http {
    pub(crate) base: String,
    client: Client,
    bearer: Option<String>,
}

impl Http {
    pub(crate) fn new(base: impl Into<String>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        let client =
            Client::builder().tls_backend_preconfigured(tls).redirect(reqwest::redirect::Policy::none());
        Self { base: base.into(), client: client.build().unwrap(), bearer: None }
    }

    /// The same client with a token or key.
    pub(crate) fn bearer(&self, secret: impl Into<String>) -> Self {
        Self { bearer: Some(secret.into()), ..self.clone() }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.bearer {
            Some(secret) => request.bearer_auth(secret),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap()
    }

    pub(crate) async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // A stream has no end; `Listening` reads it.
        let is_stream = headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let text = if is_stream { String::new() } else { response.text().await? };
        Ok(Answer { status, headers, text })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path)).await
    }

    pub(crate) async fn with_json(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json");
        self.send(request.body(body.to_string())).await
    }

    pub(crate) async fn report(&self, body: &Value) -> Answer {
        self.with_json("POST", "/api/v1/logs/report", body).await
    }

    /// Reports raw bytes, without a `Content-Type`.
    pub(crate) async fn report_bytes(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.send(self.request("POST", "/api/v1/logs/report").body(body.into())).await
    }

    pub(crate) async fn batch(&self, reports: &[Value]) -> Answer {
        self.with_json("POST", "/api/v1/logs/batch", &serde_json::json!({"reports": reports})).await
    }

    pub(crate) async fn patch(&self, id: i64, change: &Value) -> Answer {
        self.with_json("PATCH", &format!("/api/v1/issues/{id}"), change).await
    }

    /// Sets an issue's status, skipping the transition rules.
    pub(crate) async fn force(&self, id: i64, status: &str) -> Value {
        self.patch(id, &serde_json::json!({"status": status, "force": true, "note": "test"})).await.ok()
    }

    pub(crate) async fn issue(&self, id: i64) -> Value {
        self.get(&format!("/api/v1/issues/{id}")).await.ok()
    }

    /// All issues that match the query, page by page.
    pub(crate) async fn issues(&self, query: &str) -> Vec<Value> {
        let mut issues = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/api/v1/issues?{query}{cursor}")).await.ok();
            issues.extend(page["issues"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return issues,
            }
        }
    }
}
