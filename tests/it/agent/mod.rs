//! The repair agent as a process: a real server, a forge with real git, real sandboxes; only the intelligence is a script.

mod doctor;
mod doubled;
mod forges;
mod hostile;
mod in_source;
mod repairs;
mod shop;
mod stages;
mod steered;

use crate::harness::forge::{self, Forge};
use crate::harness::program::root;
use crate::harness::{Center, Http, Options, binary};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::Command;

const SECRET: &str = "between us";

/// A server, a forge, and a folder for agents.
struct Workshop {
    folder: TempDir,
    center: Center,
    admin: Http,
    token: String,
    forge: Forge,
    /// Which forge agents take it for.
    kind: &'static str,
}

/// A `logcenter repair` that has ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    /// What it printed: a line per attempt or check.
    lines: Vec<Value>,
    stderr: String,
}

impl Ran {
    /// The only attempt, with what is said of it.
    fn attempt(&self) -> &Value {
        assert_eq!(self.lines.len(), 1, "{self:?}");
        &self.lines[0]
    }
}

impl Workshop {
    async fn open() -> Self {
        let options =
            Options { admin_token: Some("secret"), webhook_secret: Some(SECRET), ..Options::default() };
        let center = Center::start_with(options).await;
        let admin = center.bearer("secret");
        let token = json!({"name": "repair robot", "role": "agent"});
        let token = admin.with_json("POST", "/api/v1/tokens", &token).await.ok()["token"]
            .as_str()
            .unwrap()
            .to_owned();
        let folder = tempfile::tempdir().unwrap();
        let forge = Forge::start(&folder.path().join("forge")).await;
        Self { folder, center, admin, token, forge, kind: "gitea" }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a program into the workshop's folder.
    fn program(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Writes a configuration: an agent, the forge, and these tables.
    fn config(&self, agent: &str, tables: &str) -> PathBuf {
        let path = self.path(&format!("{agent}.toml"));
        let mut text = String::new();
        let work_dir = self.path(&format!("work-{agent}"));
        write!(text, "[agent]\nname = {agent:?}\nwork_dir = {work_dir:?}\nlease_seconds = 60\n\n").unwrap();
        text.push_str(&self.forge.section(self.kind));
        text.push_str(tables);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A command of `logcenter repair`, with the tokens in its environment.
    fn command(&self, config: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(["repair", "--output", "json", "--config"]).arg(config).args(args);
        command.env("LOG_CENTER_URL", &self.center.base).env("LOGCENTER_AGENT_TOKEN", &self.token);
        command.env("FORGE_TOKEN", forge::TOKEN).env("no_proxy", "*");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    async fn run(&self, config: &Path, args: &[&str]) -> Ran {
        let output = self.command(config, args).output().await.unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let lines = stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
            .collect();
        Ran { code: output.status.code(), lines, stderr }
    }

    /// Reports an error of a project, with a key of its own, so that it is trusted.
    async fn report(&self, project: &str, error_type: &str, file: &str, message: &str) {
        let key = self.key(project).await;
        let report = json!({
            "project_id": project, "environment": "production", "level": "ERROR",
            "error": {"type": error_type, "message": message, "file_path": file, "line_number": 1, "stack_trace": []},
        });
        self.center.bearer(key).report(&report).await.ok();
    }

    /// A new ingest key of a project.
    async fn key(&self, project: &str) -> String {
        let about = json!({"name": project});
        self.admin.with_json("PUT", &format!("/api/v1/projects/{project}"), &about).await.ok();
        let key =
            self.admin.with_json("POST", &format!("/api/v1/projects/{project}/keys"), &json!({})).await.ok();
        key["key"].as_str().unwrap().to_owned()
    }

    /// An attempt with what it left behind.
    async fn attempt(&self, id: &Value) -> Value {
        self.admin.get(&format!("/api/v1/attempts/{id}")).await.ok()
    }

    /// The statuses that an issue went through, oldest first.
    async fn walk(&self, id: i64) -> Vec<String> {
        let history = self.admin.get(&format!("/api/v1/issues/{id}/history?limit=200")).await.ok();
        let mut walk: Vec<String> = history["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["to"].as_str().unwrap().to_owned())
            .collect();
        walk.reverse();
        walk
    }
}

/// The text of one kind that an attempt left behind.
fn artifact(attempt: &Value, kind: &str) -> String {
    let found = attempt["artifacts"].as_array().unwrap().iter().find(|artifact| artifact["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {attempt}"))["text"].as_str().unwrap().to_owned()
}

/// The folder of a project that is repaired.
fn repaired(name: &str) -> PathBuf {
    root().join("tests/repaired").join(name)
}
