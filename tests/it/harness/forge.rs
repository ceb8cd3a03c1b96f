//! A forge: real git over HTTP, and the pull requests of Gitea (`/api/v1`) and GitHub (`/github`), as their documents
//! describe them.

use super::Http;
use super::tools::run;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path as UrlPath, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// The token that the forge accepts.
pub(crate) const TOKEN: &str = "forge-token-7f3a9c";

/// In place of a status: the request is never answered.
pub(crate) const HANGS: u16 = 0;

/// In place of a status: the answer is an empty list, as if nothing were there yet.
pub(crate) const EMPTY: u16 = 1;

/// A pull request.
#[derive(Debug, Clone)]
pub(crate) struct Pull {
    pub(crate) number: u64,
    pub(crate) repository: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) head: String,
    pub(crate) base: String,
    pub(crate) draft: bool,
    pub(crate) state: &'static str,
    pub(crate) merged: Option<String>,
}

struct Inner {
    root: PathBuf,
    base: String,
    pulls: Mutex<Vec<Pull>>,
    /// Answers that are given instead, one for each request of the API.
    faults: Mutex<VecDeque<u16>>,
    /// The states of commits.
    statuses: Mutex<BTreeMap<String, &'static str>>,
    requests: Mutex<Vec<String>>,
}

/// A forge that serves until the test ends.
#[derive(Clone)]
pub(crate) struct Forge(Arc<Inner>);

impl Forge {
    pub(crate) async fn start(root: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        std::fs::create_dir_all(root).unwrap();
        let forge = Self(Arc::new(Inner {
            root: root.to_owned(),
            base,
            pulls: Mutex::default(),
            faults: Mutex::default(),
            statuses: Mutex::default(),
            requests: Mutex::default(),
        }));
        let mut app = Router::new();
        for (prefix, dialect) in [("/api/v1", Dialect::Gitea), ("/github", Dialect::GitHub)] {
            app = app.nest(prefix, routes(dialect, forge.clone()));
        }
        let app = app.fallback(git).with_state(forge.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        forge
    }

    pub(crate) fn host(&self) -> &str {
        self.0.base.trim_start_matches("http://")
    }

    pub(crate) fn base(&self) -> &str {
        &self.0.base
    }

    /// The `[forge]` of a configuration.
    pub(crate) fn section(&self, kind: &str) -> String {
        let path = if kind == "gitea" { "api/v1" } else { "github" };
        format!(
            "[forge.{:?}]\nkind = \"{kind}\"\napi = \"{}/{path}\"\ntoken_env = \"FORGE_TOKEN\"\n\n",
            self.host(),
            self.0.base
        )
    }

    pub(crate) fn address(&self, name: &str) -> String {
        format!("{}/team/{name}.git", self.0.base)
    }

    /// The bare repository itself.
    pub(crate) fn repository(&self, name: &str) -> PathBuf {
        self.0.root.join(format!("team/{name}.git"))
    }

    /// Creates a repository with the files of a folder on `main`.
    pub(crate) fn create(&self, name: &str, files: &Path) -> PathBuf {
        let bare = self.repository(name);
        let tree = self.0.root.join(format!("{name}.tree"));
        run(Command::new("cp").arg("-r").arg(files).arg(&tree));
        let git = |args: &[&str]| run(&mut git_in(&tree, args));
        git(&["init", "--quiet", "-b", "main", "."]);
        git(&["add", "--all", "--force"]);
        git(&["commit", "--quiet", "-m", "All of it"]);
        std::fs::create_dir_all(bare.parent().unwrap()).unwrap();
        run(Command::new("git").args(["clone", "--quiet", "--bare"]).arg(&tree).arg(&bare));
        std::fs::remove_dir_all(&tree).unwrap();
        bare
    }

    pub(crate) fn pulls(&self) -> Vec<Pull> {
        self.0.pulls.lock().unwrap().clone()
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.0.requests.lock().unwrap().clone()
    }

    /// Lets the next requests of the API fail with these.
    pub(crate) fn fail_with(&self, statuses: &[u16]) {
        self.0.faults.lock().unwrap().extend(statuses);
    }

    pub(crate) fn set_status(&self, commit: &str, state: &'static str) {
        self.0.statuses.lock().unwrap().insert(commit.into(), state);
    }

    /// Adds a pull request of somebody else.
    pub(crate) fn add_pull(&self, repository: &str, head: &str) -> u64 {
        let pull = json!({"title": "Something else", "body": "", "head": head, "base": "main"});
        self.insert(&format!("team/{repository}"), &pull).number
    }

    fn insert(&self, repository: &str, new: &Value) -> Pull {
        let mut pulls = self.0.pulls.lock().unwrap();
        let text = |name: &str| new[name].as_str().unwrap_or_default().to_owned();
        let pull = Pull {
            number: pulls.len() as u64 + 1,
            repository: repository.into(),
            draft: new["draft"] == true || text("title").starts_with("WIP:"),
            title: text("title"),
            body: text("body"),
            head: text("head"),
            base: text("base"),
            state: "open",
            merged: None,
        };
        pulls.push(pull.clone());
        pull
    }

    /// What a branch points to.
    pub(crate) fn tip(&self, repository: &str, branch: &str) -> Option<String> {
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(self.repository(repository)).args([
            "rev-parse",
            "--verify",
            "--quiet",
            branch,
        ]);
        let output = git.output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    pub(crate) fn branches(&self, repository: &str) -> Vec<String> {
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(self.repository(repository));
        let output = run(git.args(["for-each-ref", "--format=%(refname:short)"]));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// Merges a pull request, as a person would; gives the merge commit.
    pub(crate) fn merge(&self, number: u64) -> String {
        let pull = self.pulls()[number as usize - 1].clone();
        let name = pull.repository.trim_start_matches("team/");
        let (main, head) = (self.tip(name, &pull.base).unwrap(), self.tip(name, &pull.head).unwrap());
        let bare = self.repository(name);
        let tree = format!("{head}^{{tree}}");
        let commit =
            run(&mut git_in(&bare, &["commit-tree", &tree, "-p", &main, "-p", &head, "-m", "Merge"]));
        let commit = String::from_utf8(commit.stdout).unwrap().trim().to_owned();
        run(&mut git_in(&bare, &["update-ref", &format!("refs/heads/{}", pull.base), &commit]));
        let mut pulls = self.0.pulls.lock().unwrap();
        let pull = &mut pulls[number as usize - 1];
        (pull.state, pull.merged) = ("closed", Some(commit.clone()));
        commit
    }

    pub(crate) fn close(&self, number: u64) {
        self.0.pulls.lock().unwrap()[number as usize - 1].state = "closed";
    }

    /// The webhook that tells of a closed or merged pull request, signed with a secret.
    pub(crate) async fn tell(&self, center: &Http, number: u64, secret: &str) -> super::Answer {
        let pull = self.pulls()[number as usize - 1].clone();
        let body = json!({
            "action": "closed",
            "number": number,
            "pull_request": self.pull_json(&pull, Dialect::Gitea),
            "repository": self.repository_json(&pull.repository, Dialect::Gitea),
        })
        .to_string();
        let request = center.request("POST", "/api/v1/hooks/gitea").header("x-gitea-event", "pull_request");
        let request = request.header("x-gitea-signature", signature(secret, &body));
        center.send(request.header("content-type", "application/json").body(body)).await
    }

    fn repository_json(&self, name: &str, dialect: Dialect) -> Value {
        let base = &self.0.base;
        let api = dialect.path();
        let (owner, short) = name.split_once('/').unwrap();
        json!({
            "id": 1, "name": short, "full_name": name, "private": true, "fork": false, "default_branch": "main",
            "owner": user(owner), "html_url": format!("{base}/{name}"), "clone_url": format!("{base}/{name}.git"),
            "url": format!("{base}{api}/repos/{name}"), "permissions": {"admin": false, "push": true, "pull": true},
        })
    }

    fn pull_json(&self, pull: &Pull, dialect: Dialect) -> Value {
        let (base, name) = (&self.0.base, &pull.repository);
        let short = name.trim_start_matches("team/");
        let sha = |branch: &str| self.tip(short, branch).unwrap_or_else(|| "0".repeat(40));
        let side = |branch: &str| {
            let repo = self.repository_json(name, dialect);
            json!({"label": format!("team:{branch}"), "ref": branch, "sha": sha(branch), "repo": repo, "repo_id": 1})
        };
        let pages = match dialect {
            Dialect::Gitea => "pulls",
            Dialect::GitHub => "pull",
        };
        json!({
            "id": pull.number, "number": pull.number, "title": pull.title, "body": pull.body, "state": pull.state,
            "draft": pull.draft, "merged": pull.merged.is_some(), "merge_commit_sha": pull.merged,
            "mergeable": true, "user": user("agent"), "head": side(&pull.head), "base": side(&pull.base),
            "html_url": format!("{base}/{name}/{pages}/{}", pull.number),
            "url": format!("{base}{}/repos/{name}/pulls/{}", dialect.path(), pull.number),
            "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z", "labels": [],
        })
    }
}

fn user(login: &str) -> Value {
    json!({"id": 1, "login": login, "type": "User"})
}

fn git_in(folder: &Path, args: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=Test", "-c", "user.email=test@example.com"]).args(args);
    git
}

/// HMAC-SHA256 (RFC 2104), written out so that no test asks the code that it tests.
pub(crate) fn signature(secret: &str, body: &str) -> String {
    let pad = |with: u8| -> Vec<u8> {
        let mut key = secret.as_bytes().to_vec();
        key.resize(64, 0);
        key.iter().map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::digest([pad(0x36), body.as_bytes().to_vec()].concat());
    let outer = Sha256::digest([pad(0x5c), inner.to_vec()].concat());
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which forge is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Gitea,
    GitHub,
}

impl Dialect {
    fn path(self) -> &'static str {
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

fn routes(dialect: Dialect, forge: Forge) -> Router<Forge> {
    let guard = axum::middleware::from_fn(
        move |request: axum::extract::Request, next: axum::middleware::Next| {
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
        },
    );
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
            get(|State(forge): State<Forge>, uri: axum::extract::OriginalUri, path: UrlPath<(String, String, String)>| async move {
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

/// Serves a repository with git's own CGI program.
async fn git(
    State(forge): State<Forge>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if !header("authorization").starts_with("Basic ") {
        return (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic realm=\"git\"")]).into_response();
    }
    let mut backend = tokio::process::Command::new("git");
    backend
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", &forge.0.root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REMOTE_USER", "agent")
        .env("REQUEST_METHOD", method.as_str())
        .env("PATH_INFO", uri.path())
        .env("QUERY_STRING", uri.query().unwrap_or_default())
        .env("CONTENT_TYPE", header("content-type"))
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = backend.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let write = async move { stdin.write_all(&body).await };
    let (_, output) = tokio::join!(write, child.wait_with_output());
    let output = output.unwrap().stdout;
    let Some(end) = output.windows(4).position(|four| four == b"\r\n\r\n") else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let (name, value) = line.split_once(": ").unwrap();
        response = match name {
            "Status" => response.status(value.split(' ').next().unwrap().parse::<u16>().unwrap()),
            _ => response.header(name, value),
        };
    }
    response.body(Body::from(output[end + 4..].to_vec())).unwrap()
}
