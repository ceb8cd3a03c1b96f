//! Arguments of `logcenter repair`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Repair {
    /// Configuration: which projects, which fixer, how far it may go
    #[arg(long, env = "LOGCENTER_REPAIR_CONFIG", default_value = "repair.toml", global = true)]
    pub(super) config: PathBuf,
    /// Server URL
    #[arg(long, env = "LOG_CENTER_URL", default_value = "http://localhost:8002", global = true)]
    pub(super) url: String,
    /// Token of role agent; not needed if the server has no admin token
    #[arg(long, env = "LOGCENTER_AGENT_TOKEN", hide_env_values = true, global = true)]
    pub(super) token: Option<String>,
    /// Output format; json prints a line per attempt
    #[arg(short, long, env = "LOGCENTER_REPAIR_OUTPUT", default_value = "text", global = true)]
    pub(super) output: Output,
    #[command(subcommand)]
    pub(super) command: RepairCommand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum RepairCommand {
    /// Claim and repair issues until interrupted
    Run,
    /// Repair one issue: this one, or the next
    Once {
        /// Issue ID
        issue: Option<i64>,
    },
    /// Check the machine, the server and each project, and say what is missing
    Doctor,
}
