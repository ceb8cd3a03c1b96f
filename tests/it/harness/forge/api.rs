//! The API, as the forges' documents describe it.

use super::{EMPTY, Forge, HANGS, Pull, TOKEN};
use axum::Router;
use axum::extract::{OriginalUri, Path as UrlPath, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which forge is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Gitea,
    GitHub,
}

impl Dialect {
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Gitea => "/api/v1",
            Self::GitHub => "/github",
        }
    }

    fn page_size(self, query: &BTreeMap<String, String>) -> usize {
        let name = if self == Self::Gitea { "limit" } else { "per_page" };
        // Gitea's default configuration allows at most 50.
        query.get(name).and_then(|size| size.parse().ok()).unwrap_or(30).min(if self == Self::Gitea {
            50
        } else {
            100
        })
    }
}

pub(super) fn routes(dialect: Dialect, forge: Forge) -> Router<Forge> {
    let guard = from_fn(move |request: Request, next: Next| {
        let forge = forge.clone();
        async move {
            let line = format!("{} {}", request.method(), request.uri().path());
            forge.0.requests.lock().unwrap().push(line);
            let fault = forge.0.faults.lock().unwrap().pop_front();
            if fault == Some(HANGS) {
                std::future::pending::<()>().await;
            }
            if fault == Some(EMPTY) {
                return axum::Json(json!([])).into_response();
            }
            if let Some(status) = fault.filter(|status| *status != 200) {
                let status = StatusCode::from_u16(status).unwrap();
                return (status, axum::Json(json!({"message": "an injected fault"}))).into_response();
            }
            let proof = request
                .headers()
                .get("authorization")
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            let accepted = match dialect {
                Dialect::Gitea => [format!("token {TOKEN}"), format!("Bearer {TOKEN}")],
                Dialect::GitHub => [format!("Bearer {TOKEN}"), format!("token {TOKEN}")],
            };
            if !accepted.iter().any(|accepted| accepted == proof) {
                let message = json!({"message": if dialect == Dialect::Gitea { "token is required" } else { "Bad credentials" }});
                return (StatusCode::UNAUTHORIZED, axum::Json(message)).into_response();
            }
            next.run(request).await
        }
    });
    Router::new()
        .route(
            "/repos/{owner}/{name}",
            get(move |State(forge): State<Forge>, UrlPath((owner, name)): UrlPath<(String, String)>| async move {
                if forge.repository(&name).exists() {
                    axum::Json(forge.repository_json(&format!("{owner}/{name}"), dialect)).into_response()
                } else {
                    not_found()
                }
            }),
        )
        .route(
            "/repos/{owner}/{name}/pulls",
            get(move |forge, path, query| async move { list(dialect, forge, path, query) })
                .post(move |forge, path, body| async move { open(dialect, forge, path, body) }),
        )
        .route(
            "/repos/{owner}/{name}/pulls/{number}",
            get(move |State(forge): State<Forge>, UrlPath((_, _, number)): UrlPath<(String, String, usize)>| async move {
                let pull = number.checked_sub(1).and_then(|at| forge.pulls().get(at).cloned());
                pull.map_or_else(not_found, |pull| axum::Json(forge.pull_json(&pull, dialect)).into_response())
            }),
        )
        .route(
            "/repos/{owner}/{name}/commits/{commit}",
            get(|State(forge): State<Forge>, uri: OriginalUri, path: UrlPath<(String, String, String)>| async move {
                let url = format!("{}{}", forge.0.base, uri.path());
                axum::Json(json!({"sha": path.2, "url": url}))
            }),
        )
        .route(
            "/repos/{owner}/{name}/commits/{commit}/status",
            get(|State(forge): State<Forge>, UrlPath((_, _, commit)): UrlPath<(String, String, String)>| async move {
                let state = forge.0.statuses.lock().unwrap().get(&commit).copied();
                let statuses = state.map(|state| json!({"id": 1, "state": state, "status": state, "context": "ci"}));
                let statuses: Vec<Value> = statuses.into_iter().collect();
                // Without any, both say that it is pending.
                let (sha, state) = (commit, state.unwrap_or("pending"));
                axum::Json(json!({"sha": sha, "state": state, "total_count": statuses.len(), "statuses": statuses}))
            }),
        )
        .route(
            "/repos/{owner}/{name}/commits/{commit}/check-runs",
            get(|| async { axum::Json(json!({"total_count": 0, "check_runs": []})) }),
        )
        .layer(guard)
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, axum::Json(json!({"message": "Not Found"}))).into_response()
}

fn list(
    dialect: Dialect,
    State(forge): State<Forge>,
    UrlPath((owner, name)): UrlPath<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let repository = format!("{owner}/{name}");
    let state = query.get("state").map_or("open", String::as_str);
    let page: usize = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
    let size = dialect.page_size(&query);
    let wanted = |pull: &Pull| pull.repository == repository && (state == "all" || pull.state == state);
    let mut found: Vec<Pull> = forge.pulls().into_iter().filter(wanted).collect();
    found.reverse();
    let total = found.len();
    let found = found.iter().skip((page - 1) * size).take(size).map(|pull| forge.pull_json(pull, dialect));
    let json = axum::Json(Value::Array(found.collect()));
    let mut headers = HeaderMap::new();
    headers.insert("x-total-count", total.into());
    if page * size < total {
        let (base, path) = (&forge.0.base, dialect.path());
        let next = format!(
            "<{base}{path}/repos/{repository}/pulls?state={state}&per_page={size}&limit={size}&page={}>; rel=\"next\"",
            page + 1
        );
        headers.insert("link", next.parse().unwrap());
    }
    (headers, json).into_response()
}

fn open(
    dialect: Dialect,
    State(forge): State<Forge>,
    UrlPath((owner, name)): UrlPath<(String, String)>,
    axum::Json(new): axum::Json<Value>,
) -> Response {
    let (repository, head) = (format!("{owner}/{name}"), new["head"].as_str().unwrap_or_default());
    let refusal = |status: u16, message: String| {
        let errors = json!([{"resource": "PullRequest", "code": "custom", "message": message.clone()}]);
        let body = match dialect {
            Dialect::Gitea => json!({"message": message, "url": "/api/swagger"}),
            Dialect::GitHub => json!({"message": "Validation Failed", "errors": errors}),
        };
        (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
    };
    if forge.tip(&name, head).is_none() {
        return refusal(if dialect == Dialect::Gitea { 404 } else { 422 }, format!("no branch {head}"));
    }
    let same = |pull: &Pull| pull.repository == repository && pull.head == head && pull.state == "open";
    if let Some(pull) = forge.pulls().iter().find(|pull| same(pull)) {
        return match dialect {
            Dialect::Gitea => {
                refusal(409, format!("pull request already exists for these targets [id: {}]", pull.number))
            }
            Dialect::GitHub => refusal(422, format!("A pull request already exists for team:{head}.")),
        };
    }
    let pull = forge.insert(&repository, &new);
    (StatusCode::CREATED, axum::Json(forge.pull_json(&pull, dialect))).into_response()
}
