//! A forge: real git over HTTP, and the pull requests of Gitea (`/api/v1`) and GitHub (`/github`), as their documents
//! describe them.

mod api;
mod git;

use super::Http;
use super::tools::run;
use api::Dialect;
use axum::Router;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
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
            app = app.nest(prefix, api::routes(dialect, forge.clone()));
        }
        let app = app.fallback(git::git).with_state(forge.clone());
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
