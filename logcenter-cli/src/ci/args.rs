//! Arguments of `logcenter ci`.

use clap::builder::{FalseyValueParser, OsStringValueParser, TypedValueParser};
use clap::{Args, Subcommand};
use std::ffi::OsString;

#[derive(Debug, Args)]
pub(crate) struct Ci {
    #[command(flatten)]
    pub(super) center: Center,
    #[command(subcommand)]
    pub(super) command: CiCommand,
}

/// Where a pipeline reports to.
#[derive(Debug, Args)]
pub(super) struct Center {
    /// Server URL
    #[arg(long, env = "LOG_CENTER_URL", default_value = "http://localhost:8002", global = true)]
    pub(super) url: String,
    /// Ingest key of the project
    #[arg(long, env = "LOG_CENTER_KEY", hide_env_values = true, global = true, value_parser = lenient())]
    pub(super) key: Option<String>,
    /// Print the report without sending it
    #[arg(long, env = "LOG_CENTER_DRY_RUN", global = true, value_parser = FalseyValueParser::new())]
    pub(super) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum CiCommand {
    /// Report a failed step. Always exits 0; times out after 3 s
    Report(CiReport),
    /// Run a command, keeping its output and exit code, and report it if it fails
    Run(CiRun),
}

#[derive(Debug, Args)]
pub(super) struct CiReport {
    /// Project ID
    // Validated when it is reported: an invalid ID must not fail the pipeline.
    #[arg(value_parser = lenient())]
    pub(super) project: String,
    /// Step name; determines the error type
    #[arg(value_parser = lenient())]
    pub(super) step: String,
    /// What failed, or a file whose last 100 lines are reported
    pub(super) message_or_file: OsString,
}

#[derive(Debug, Args)]
pub(super) struct CiRun {
    /// Project ID
    #[arg(long, env = "LOG_CENTER_PROJECT", value_parser = lenient())]
    pub(super) project: String,
    /// Step name; determines the error type
    #[arg(long, value_parser = lenient())]
    pub(super) step: String,
    /// Command and its arguments
    #[arg(last = true, required = true)]
    pub(super) command: Vec<OsString>,
}

/// Accepts any bytes, and strips the newline that a secret's file often ends with: neither may fail a pipeline.
fn lenient() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().map(|text| text.to_string_lossy().trim_end_matches(['\r', '\n']).to_owned())
}
