//! Arguments of `logcenter k8s`.

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct K8s {
    #[command(flatten)]
    pub(super) monitor: Monitor,
    #[command(subcommand)]
    pub(super) command: K8sCommand,
}

/// What is scanned, and where it is reported to.
#[derive(Debug, Args)]
pub(super) struct Monitor {
    /// Server URL
    #[arg(long, env = "LOG_CENTER_URL", default_value = "http://localhost:8002", global = true)]
    pub(super) url: String,
    /// Admin token or ingest key
    #[arg(long, env = "LOG_CENTER_KEY", hide_env_values = true, global = true)]
    pub(super) key: Option<String>,
    /// Namespace
    #[arg(long, env = "MONITOR_NAMESPACE", default_value = "default", global = true)]
    pub(super) namespace: String,
    /// Print the report without sending it
    #[arg(long, env = "LOG_CENTER_DRY_RUN", global = true, value_parser = FalseyValueParser::new())]
    pub(super) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum K8sCommand {
    /// Scan once
    Scan,
    /// Scan continuously until interrupted
    Watch {
        /// Scan interval in seconds
        #[arg(long, env = "LOG_CENTER_EVERY", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
        every: u64,
    },
}
