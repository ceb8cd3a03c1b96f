//! One git command: no configuration but ours, no hooks, no prompts, no protocol that runs programs.

use crate::process::{Finished, finished};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

/// The longest that a fetch or a push may take.
const TRANSFER: Duration = Duration::from_secs(600);

/// What a repository could make git run, switched off. Attributes are decided by the mirror's `info/attributes`.
const SETTINGS: [&str; 12] = [
    "http.followRedirects=false",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.autocrlf=false",
    "core.quotePath=false",
    "core.attributesFile=/dev/null",
    "commit.gpgSign=false",
    "credential.helper=",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
];

/// git for one repository.
#[derive(Debug, Clone)]
pub(crate) struct Git {
    git_dir: PathBuf,
    /// The forge's host and token, for `https` addresses of that host.
    login: Option<(String, String)>,
    /// Where new objects are written, if not in the repository.
    objects: Option<PathBuf>,
}

impl Git {
    pub(crate) fn new(git_dir: PathBuf, login: Option<(String, String)>) -> Self {
        Self { git_dir, login, objects: None }
    }

    pub(crate) fn writing_to(&self, objects: PathBuf) -> Self {
        Self { objects: Some(objects), ..self.clone() }
    }

    pub(crate) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// A command of git, with nothing of the agent's environment but what finds git and the user's ssh keys.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.env_clear().kill_on_drop(true);
        for name in ["PATH", "HOME", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "SSL_CERT_FILE", "GIT_SSL_CAINFO"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("LC_ALL", "C")
            .env("GIT_DIR", &self.git_dir)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", "https:http:ssh:file")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_REPLACE_OBJECTS", "1");
        if let Some(objects) = &self.objects {
            command.env("GIT_OBJECT_DIRECTORY", objects);
            command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.git_dir.join("objects"));
        }
        for setting in SETTINGS {
            command.arg("-c").arg(setting);
        }
        // In the environment, because everybody on the machine can read a command's arguments.
        if let Some((host, token)) = &self.login {
            let basic = STANDARD.encode(format!("x-access-token:{token}"));
            command
                .env("GIT_CONFIG_COUNT", "1")
                .env("GIT_CONFIG_KEY_0", format!("http.{host}.extraHeader"))
                .env("GIT_CONFIG_VALUE_0", format!("Authorization: Basic {basic}"));
        }
        command
    }

    /// Runs git, and gives what it printed.
    ///
    /// # Errors
    /// Why it failed, as git says it.
    pub(crate) async fn run<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>, String> {
        let mut command = self.command();
        command.args(args);
        Self::succeeded(finished(command, None, TRANSFER).await?)
    }

    /// Runs git in a work tree with an index of its own.
    ///
    /// # Errors
    /// Why it failed, as git says it.
    pub(crate) async fn run_in<A: AsRef<OsStr>>(
        &self,
        tree: &Path,
        index: &Path,
        stdin: Option<&[u8]>,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>, String> {
        let mut command = self.command();
        command.env("GIT_WORK_TREE", tree).env("GIT_INDEX_FILE", index).current_dir(tree).args(args);
        Self::succeeded(finished(command, stdin, TRANSFER).await?)
    }

    /// Runs git, and gives what it printed, where 1 says that nothing was found.
    ///
    /// # Errors
    /// Why it failed, as git says it.
    pub(crate) async fn search<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>, String> {
        let mut command = self.command();
        command.args(args);
        let finished = finished(command, None, TRANSFER).await?;
        if finished.status.code() == Some(1) { Ok(Vec::new()) } else { Self::succeeded(finished) }
    }

    /// One line that git printed.
    ///
    /// # Errors
    /// Why it failed, as git says it.
    pub(crate) async fn line<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<String, String> {
        let text = self.run(args).await?;
        Ok(String::from_utf8_lossy(&text).trim_end().to_owned())
    }

    fn succeeded(finished: Finished) -> Result<Vec<u8>, String> {
        let Finished { status, stdout, stderr } = finished;
        if status.success() {
            return Ok(stdout);
        }
        let said = String::from_utf8_lossy(&stderr);
        let said = said.trim();
        Err(if said.is_empty() { format!("git ended with {status}") } else { said.to_owned() })
    }
}
