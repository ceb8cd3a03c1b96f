//! What the first process in the sandbox is told, and what it answers.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What to run, and how.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Spec {
    pub(super) command: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    /// The file that the command reads as its standard input.
    pub(super) stdin: Option<PathBuf>,
    /// What is copied into `tree` before.
    pub(super) base: PathBuf,
    /// What is copied into `tree/.git` before.
    pub(super) git: PathBuf,
    pub(super) tree: PathBuf,
    pub(super) home: PathBuf,
    /// What the command may write besides the tree.
    pub(super) out: Option<PathBuf>,
    /// Memory of all processes and files together, in bytes.
    pub(super) memory: u64,
    /// Whether this process is the first of its own PID namespace.
    pub(super) confined: bool,
    /// Whether the files are wanted afterwards.
    pub(super) take: bool,
    /// The socket of the agent's proxy.
    pub(super) proxy: Option<PathBuf>,
}

/// How the command ended. Before it, the line `started` is written; after it, the tar stream.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) exit: Option<i32>,
    pub(super) signal: Option<i32>,
    /// Whether it was ended because it used too much memory.
    pub(super) out_of_memory: bool,
    /// The time that the command took.
    pub(super) seconds: f64,
    /// Why it could not be started.
    pub(super) unstartable: Option<String>,
}

/// The line that is written before the command runs.
pub(super) const STARTED: &str = "started\n";

/// The port on the sandbox's own loopback interface that leads to the agent's proxy.
pub(super) const PROXY_PORT: u16 = 3128;
