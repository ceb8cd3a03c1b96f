//! Command-line arguments. What a deployment sets has an environment variable, too.

use crate::ci::Ci;
use crate::db::Db;
use crate::k8s::K8s;
use crate::repair::Repair;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use logcenter_core::{Level, ProjectId, RegressionRule, Source, Status};
use logcenter_server::PublicUrl;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Self-hosted error tracking: collects error reports, groups them into issues and tracks each from NEW to DEPLOYED.
///
/// Runs the server if no command is given.
#[derive(Debug, Parser)]
#[command(name = "logcenter", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not allowed, 5 server unreachable, 6 this machine cannot.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (API and dashboard)
    Serve(Serve),
    /// Start a demo server with a week of sample data (temporary database)
    Demo(Demo),
    /// Report an error
    Report(Report),
    /// Report failed pipeline steps
    Ci(Ci),
    /// Report failing and crashing pods
    K8s(K8s),
    /// List, show and edit projects
    Project(Project),
    /// List and show issues, and change their status
    Issues(Issues),
    /// Check, back up, restore and move the database
    Db(Db),
    /// Repair issues: reproduce, fix in a sandbox, judge, open a draft pull request
    Repair(Repair),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// API listen address; non-loopback addresses require --admin-token
    #[arg(long, env = "LOGCENTER_LISTEN", default_value = "127.0.0.1:8002")]
    pub(crate) listen: SocketAddr,
    /// Dashboard listen address; non-loopback addresses require --admin-token
    #[arg(long, env = "LOGCENTER_DASHBOARD_LISTEN", default_value = "127.0.0.1:8003")]
    pub(crate) dashboard_listen: SocketAddr,
    /// SQLite database path, created if missing; or postgres://user:password@host/database
    #[arg(
        long,
        env = "LOGCENTER_DATABASE",
        hide_env_values = true,
        default_value = "./logcenter-data/logcenter.db"
    )]
    pub(crate) database: PathBuf,
    /// Admin token for the API and dashboard
    #[arg(long, env = "LOGCENTER_ADMIN_TOKEN", hide_env_values = true)]
    pub(crate) admin_token: Option<String>,
    /// Public URL of the dashboard (when behind a proxy)
    #[arg(long, env = "LOGCENTER_PUBLIC_URL")]
    pub(crate) public_url: Option<PublicUrl>,
    /// Public URL of the API, if different from --listen
    #[arg(long, env = "LOGCENTER_PUBLIC_API_URL")]
    pub(crate) public_api_url: Option<PublicUrl>,
    /// Comma-separated CIDRs of trusted reverse proxies, e.g. 10.0.0.0/8
    #[arg(long, env = "LOGCENTER_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Reject reports that do not carry a valid ingest key
    #[arg(long, env = "LOGCENTER_REQUIRE_INGEST_KEY")]
    pub(crate) require_ingest_key: bool,
    /// Secret that forges sign webhooks with; without it no webhook is accepted
    #[arg(long, env = "LOGCENTER_WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) webhook_secret: Option<String>,
    /// Events to keep per issue (newest first; the first event is always kept)
    #[arg(long, env = "LOGCENTER_KEEP_EVENTS", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) keep_events: u32,
    /// How long errors are counted by the hour, e.g. 14d; after that by the day
    #[arg(long, env = "LOGCENTER_KEEP_HOURS", default_value = "14d", value_parser = at_least::<7>)]
    pub(crate) keep_hours: Days,
    /// How long a closed issue that is not seen keeps its events, counts by time and attempts, e.g. 180d (default: for ever)
    #[arg(long, env = "LOGCENTER_KEEP_ISSUES", value_parser = at_least::<1>)]
    pub(crate) keep_issues: Option<Days>,
    /// Log format
    #[arg(long, env = "LOGCENTER_LOG_FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

/// A time of whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days(pub(crate) u16);

/// Parses a time of at least so many days, as `14d`.
fn at_least<const LEAST: u16>(text: &str) -> Result<Days, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok()).filter(|days| *days >= LEAST);
    days.map(Days).ok_or_else(|| format!("must be a number of days, at least {LEAST}d"))
}

/// Parses a network or a single address.
fn network(text: &str) -> Result<IpNet, String> {
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "must be an address or a network, as 10.0.0.0/8".into())
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// API listen address
    #[arg(long, env = "LOGCENTER_LISTEN", default_value = "127.0.0.1:8002")]
    pub(crate) listen: SocketAddr,
    /// Dashboard listen address
    #[arg(long, env = "LOGCENTER_DASHBOARD_LISTEN", default_value = "127.0.0.1:8003")]
    pub(crate) dashboard_listen: SocketAddr,
    /// Do not generate live events
    #[arg(long, env = "LOGCENTER_DEMO_STILL")]
    pub(crate) still: bool,
    /// Log format
    #[arg(long, env = "LOGCENTER_LOG_FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Which server to talk to, and how to show its answer.
#[derive(Debug, ClapArgs)]
pub(crate) struct Server {
    /// Server URL
    #[arg(long, env = "LOG_CENTER_URL", default_value = "http://localhost:8002", global = true)]
    pub(crate) url: String,
    /// Admin token
    #[arg(long, env = "LOGCENTER_ADMIN_TOKEN", hide_env_values = true, global = true)]
    pub(crate) admin_token: Option<String>,
    /// Output format
    #[arg(short, long, env = "LOGCENTER_OUTPUT", default_value = "table", global = true)]
    pub(crate) output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    Table,
    Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) server: Server,
    /// Ingest key of the project
    #[arg(long, env = "LOG_CENTER_KEY", hide_env_values = true)]
    pub(crate) key: Option<String>,
    /// Project ID
    #[arg(long, env = "LOG_CENTER_PROJECT")]
    pub(crate) project: ProjectId,
    /// Environment, e.g. production
    #[arg(long, env = "ENVIRONMENT", default_value = "development")]
    pub(crate) environment: String,
    /// Severity: WARNING, ERROR or CRITICAL
    #[arg(long, env = "LOG_CENTER_LEVEL", default_value = "ERROR", value_parser = Level::from_client)]
    pub(crate) level: Level,
    /// Source: runtime, cicd or deployment
    #[arg(long, env = "LOG_CENTER_SOURCE", default_value = "runtime")]
    pub(crate) source: Source,
    /// Error type, e.g. ValueError
    #[arg(long = "type", env = "LOG_CENTER_ERROR_TYPE")]
    pub(crate) error_type: String,
    /// Source file
    #[arg(long, env = "LOG_CENTER_FILE")]
    pub(crate) file: Option<String>,
    /// Line number
    #[arg(long, env = "LOG_CENTER_LINE")]
    pub(crate) line: Option<u64>,
    /// File with the stack trace; - reads standard input
    #[arg(long, env = "LOG_CENTER_STACK")]
    pub(crate) stack: Option<PathBuf>,
    /// Additional context as NAME=VALUE (repeatable)
    #[arg(long, env = "LOG_CENTER_CONTEXT", value_parser = name_and_value, value_name = "NAME=VALUE")]
    pub(crate) context: Vec<(String, String)>,
    /// Version of the program
    #[arg(long = "program-version", env = "LOG_CENTER_VERSION")]
    pub(crate) version: Option<String>,
    /// Commit it was built from
    #[arg(long, env = "LOG_CENTER_COMMIT")]
    pub(crate) commit: Option<String>,
    /// Idempotency ID: repeats with the same ID are counted once
    #[arg(long, env = "LOG_CENTER_EVENT_ID")]
    pub(crate) event_id: Option<String>,
    /// Error message
    pub(crate) message: String,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be name=value")?;
    Ok((name.into(), value.into()))
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Project {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(subcommand)]
    pub(crate) command: ProjectCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// List projects
    List,
    /// Show a project
    Get {
        /// Project ID
        project_id: ProjectId,
    },
    /// Create or edit a project; omitted fields are left unchanged, an empty string clears a field
    Set {
        /// Project ID
        project_id: ProjectId,
        /// Display name
        #[arg(long)]
        name: Option<String>,
        /// Git repository URL
        #[arg(long)]
        repo_url: Option<String>,
        /// Checkout path on the repair agent's machine
        #[arg(long)]
        local_path: Option<String>,
        /// Description
        #[arg(long)]
        description: Option<String>,
        /// Which events reopen a fixed issue: any or new_release
        #[arg(long)]
        regression_rule: Option<RegressionRule>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Issues {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(subcommand)]
    pub(crate) command: IssuesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IssuesCommand {
    /// List issues (most recently seen first)
    List(IssuesList),
    /// Show an issue
    Show {
        /// Issue ID
        id: i64,
    },
    /// Change an issue's status
    Status(IssuesStatus),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct IssuesList {
    /// Filter by project
    #[arg(long)]
    pub(crate) project: Option<ProjectId>,
    /// Filter by status
    #[arg(long)]
    pub(crate) status: Option<Status>,
    /// Filter by source
    #[arg(long)]
    pub(crate) source: Option<Source>,
    /// Filter by level of the latest event
    #[arg(long, value_parser = Level::from_client)]
    pub(crate) level: Option<Level>,
    /// Filter by environment
    #[arg(long)]
    pub(crate) environment: Option<String>,
    /// Sort order: last_seen, first_seen or count
    #[arg(long, default_value = "last_seen")]
    pub(crate) sort: String,
    /// Maximum number of issues
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
    /// Pagination cursor (next_cursor of the previous page)
    #[arg(long)]
    pub(crate) cursor: Option<String>,
    /// Query, as in the dashboard: is:open env:production since:24h timeout (after `--` if a word begins with -)
    pub(crate) q: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct IssuesStatus {
    /// Issue ID
    pub(crate) id: i64,
    /// New status
    pub(crate) status: Status,
    /// Note for the history
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// Author of the change
    #[arg(long)]
    pub(crate) actor: Option<String>,
    /// Skip the transition rules; requires --note
    #[arg(long, requires = "note")]
    pub(crate) force: bool,
    /// Fail unless the current status matches
    #[arg(long)]
    pub(crate) expected_status: Option<Status>,
    /// Fail unless the current revision matches
    #[arg(long)]
    pub(crate) expected_revision: Option<i64>,
    /// Related commit
    #[arg(long)]
    pub(crate) commit: Option<String>,
    /// Related pull request URL
    #[arg(long)]
    pub(crate) pull_request: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Args::command().debug_assert();
    }
}
