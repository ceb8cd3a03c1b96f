//! What can be said on the command line. Every flag has an environment variable.

use clap::builder::{FalseyValueParser, OsStringValueParser, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use logcenter_core::{Level, ProjectId, RegressionRule, Source, Status};
use logcenter_server::PublicUrl;
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Error-log centre: takes error reports, deduplicates them into issues, follows each from NEW to DEPLOYED.
///
/// Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "logcenter", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not allowed, 5 server unreachable.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server: the API and the dashboard
    Serve(Serve),
    /// Try it: a server on a temporary database, with a week of made-up errors
    Demo(Demo),
    /// Report an error
    Report(Report),
    /// Report what fails in a pipeline
    Ci(Ci),
    /// Report pods that do not come up, or fall over
    K8s(K8s),
    /// List, show and edit projects
    Project(Project),
    /// List and show issues, change their status
    Issues(Issues),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// Where the API listens; anything but loopback needs --admin-token
    #[arg(long, env = "LOGCENTER_LISTEN", default_value = "127.0.0.1:8002")]
    pub(crate) listen: SocketAddr,
    /// Where the dashboard listens; likewise
    #[arg(long, env = "LOGCENTER_DASHBOARD_LISTEN", default_value = "127.0.0.1:8003")]
    pub(crate) dashboard_listen: SocketAddr,
    /// The SQLite file; it and its folder are created
    #[arg(long, env = "LOGCENTER_DATABASE", default_value = "./logcenter-data/logcenter.db")]
    pub(crate) database: PathBuf,
    /// The token that proves an administrator
    #[arg(long, env = "LOGCENTER_ADMIN_TOKEN", hide_env_values = true)]
    pub(crate) admin_token: Option<String>,
    /// The address under which browsers find the dashboard, behind a proxy
    #[arg(long, env = "LOGCENTER_PUBLIC_URL")]
    pub(crate) public_url: Option<PublicUrl>,
    /// The address under which clients find the API, where it is not --listen
    #[arg(long, env = "LOGCENTER_PUBLIC_API_URL")]
    pub(crate) public_api_url: Option<PublicUrl>,
    /// Networks of proxies whose X-Forwarded-For, -Proto and -Host are believed, as 10.0.0.0/8; with commas between
    #[arg(long, env = "LOGCENTER_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Take reports only with an ingest key of their project
    #[arg(long, env = "LOGCENTER_REQUIRE_INGEST_KEY")]
    pub(crate) require_ingest_key: bool,
    /// How many of an issue's newest events are kept; the first one always is
    #[arg(long, env = "LOGCENTER_KEEP_EVENTS", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) keep_events: u32,
    /// How the server's own log is written
    #[arg(long, env = "LOGCENTER_LOG_FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "must be an address or a network, as 10.0.0.0/8".into())
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// Where the API listens
    #[arg(long, env = "LOGCENTER_LISTEN", default_value = "127.0.0.1:8002")]
    pub(crate) listen: SocketAddr,
    /// Where the dashboard listens
    #[arg(long, env = "LOGCENTER_DASHBOARD_LISTEN", default_value = "127.0.0.1:8003")]
    pub(crate) dashboard_listen: SocketAddr,
    /// Nothing more happens after the week
    #[arg(long, env = "LOGCENTER_DEMO_STILL")]
    pub(crate) still: bool,
    /// How the server's own log is written
    #[arg(long, env = "LOGCENTER_LOG_FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Which server is spoken to, and how its answer is shown.
#[derive(Debug, ClapArgs)]
pub(crate) struct Server {
    /// The server's address
    #[arg(long, env = "LOG_CENTER_URL", default_value = "http://localhost:8002", global = true)]
    pub(crate) url: String,
    /// The administrator's token
    #[arg(long, env = "LOGCENTER_ADMIN_TOKEN", hide_env_values = true, global = true)]
    pub(crate) admin_token: Option<String>,
    /// How the answer is shown
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
    /// An ingest key of the project
    #[arg(long, env = "LOG_CENTER_KEY", hide_env_values = true)]
    pub(crate) key: Option<String>,
    /// The project
    #[arg(long, env = "LOG_CENTER_PROJECT")]
    pub(crate) project: ProjectId,
    /// Where it ran
    #[arg(long, env = "ENVIRONMENT", default_value = "development")]
    pub(crate) environment: String,
    /// How bad it is
    #[arg(long, env = "LOG_CENTER_LEVEL", default_value = "ERROR", value_parser = Level::from_client)]
    pub(crate) level: Level,
    /// Where it arose
    #[arg(long, env = "LOG_CENTER_SOURCE", default_value = "runtime")]
    pub(crate) source: Source,
    /// The error's type, for example ValueError
    #[arg(long = "type", env = "LOG_CENTER_ERROR_TYPE")]
    pub(crate) error_type: String,
    /// The file it arose in
    #[arg(long, env = "LOG_CENTER_FILE")]
    pub(crate) file: Option<String>,
    /// The line it arose at
    #[arg(long, env = "LOG_CENTER_LINE")]
    pub(crate) line: Option<u64>,
    /// A file with the stack trace; - is standard input
    #[arg(long, env = "LOG_CENTER_STACK")]
    pub(crate) stack: Option<PathBuf>,
    /// Something more to know, as name=value; may be given several times
    #[arg(long, env = "LOG_CENTER_CONTEXT", value_parser = name_and_value, value_name = "NAME=VALUE")]
    pub(crate) context: Vec<(String, String)>,
    /// The program's version
    #[arg(long = "program-version", env = "LOG_CENTER_VERSION")]
    pub(crate) version: Option<String>,
    /// The commit it was built from
    #[arg(long, env = "LOG_CENTER_COMMIT")]
    pub(crate) commit: Option<String>,
    /// What this event is called: sent again, it is not counted again
    #[arg(long, env = "LOG_CENTER_EVENT_ID")]
    pub(crate) event_id: Option<String>,
    /// The error's message
    pub(crate) message: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Ci {
    #[command(flatten)]
    pub(crate) center: Center,
    #[command(subcommand)]
    pub(crate) command: CiCommand,
}

/// Where a pipeline reports to.
#[derive(Debug, ClapArgs)]
pub(crate) struct Center {
    /// The server's address
    #[arg(long, env = "LOG_CENTER_URL", default_value = "http://localhost:8002", global = true)]
    pub(crate) url: String,
    /// An ingest key of the project
    #[arg(long, env = "LOG_CENTER_KEY", hide_env_values = true, global = true, value_parser = lenient())]
    pub(crate) key: Option<String>,
    /// Print what would be sent, and send nothing
    #[arg(long, env = "LOG_CENTER_DRY_RUN", global = true, value_parser = FalseyValueParser::new())]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CiCommand {
    /// Report a step that failed; never fails itself, and waits for 3 seconds at most
    Report(CiReport),
    /// Run a command, pass its output on, end as it ends; report when it fails
    Run(CiRun),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CiReport {
    /// The project
    // Judged when it is reported: a pipeline must not fail of it.
    #[arg(value_parser = lenient())]
    pub(crate) project: String,
    /// The step's name, which tells the error's type
    #[arg(value_parser = lenient())]
    pub(crate) step: String,
    /// What failed; or a file, whose last 100 lines are reported
    pub(crate) message_or_file: OsString,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CiRun {
    /// The project
    #[arg(long, env = "LOG_CENTER_PROJECT", value_parser = lenient())]
    pub(crate) project: String,
    /// The step's name, which tells the error's type
    #[arg(long, value_parser = lenient())]
    pub(crate) step: String,
    /// The command and its arguments
    #[arg(last = true, required = true)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct K8s {
    #[command(flatten)]
    pub(crate) monitor: Monitor,
    #[command(subcommand)]
    pub(crate) command: K8sCommand,
}

/// What is scanned, and where it is reported to.
#[derive(Debug, ClapArgs)]
pub(crate) struct Monitor {
    /// The server's address
    #[arg(long, env = "LOG_CENTER_URL", default_value = "http://localhost:8002", global = true)]
    pub(crate) url: String,
    /// The administrator's token, or an ingest key
    #[arg(long, env = "LOG_CENTER_KEY", hide_env_values = true, global = true)]
    pub(crate) key: Option<String>,
    /// The namespace
    #[arg(long, env = "MONITOR_NAMESPACE", default_value = "default", global = true)]
    pub(crate) namespace: String,
    /// Print what would be sent, and send nothing
    #[arg(long, env = "LOG_CENTER_DRY_RUN", global = true, value_parser = FalseyValueParser::new())]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum K8sCommand {
    /// Scan once
    Scan,
    /// Scan again and again, until SIGTERM or Ctrl-C
    Watch {
        /// Seconds between two scans
        #[arg(long, env = "LOG_CENTER_EVERY", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
        every: u64,
    },
}

/// Takes any bytes, and leaves out the line end that a secret's file often has: a pipeline must not fail of either.
fn lenient() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().map(|text| text.to_string_lossy().trim_end_matches(['\r', '\n']).to_owned())
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
    /// List the projects
    List,
    /// Show a project
    Get {
        /// The project
        project_id: ProjectId,
    },
    /// Create or edit a project; what is not given stays as it is, an empty text empties it
    Set {
        /// The project
        project_id: ProjectId,
        /// What it is called
        #[arg(long)]
        name: Option<String>,
        /// Its git repository
        #[arg(long)]
        repo_url: Option<String>,
        /// Where it lies on the repair agent's machine
        #[arg(long)]
        local_path: Option<String>,
        /// What it is
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
    /// List issues, the newest first
    List(IssuesList),
    /// Show an issue
    Show {
        /// The issue
        id: i64,
    },
    /// Change an issue's status
    Status(IssuesStatus),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct IssuesList {
    /// Of this project
    #[arg(long)]
    pub(crate) project: Option<ProjectId>,
    /// That stand here
    #[arg(long)]
    pub(crate) status: Option<Status>,
    /// Of this source
    #[arg(long)]
    pub(crate) source: Option<Source>,
    /// Whose latest event has this level
    #[arg(long, value_parser = Level::from_client)]
    pub(crate) level: Option<Level>,
    /// Seen in this environment
    #[arg(long)]
    pub(crate) environment: Option<String>,
    /// The order: last_seen, first_seen or count
    #[arg(long, default_value = "last_seen")]
    pub(crate) sort: String,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
    /// The next_cursor of the page before
    #[arg(long)]
    pub(crate) cursor: Option<String>,
    /// A text in type, message or file
    pub(crate) q: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct IssuesStatus {
    /// The issue
    pub(crate) id: i64,
    /// Where it goes
    pub(crate) status: Status,
    /// Why
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// Who, for the history
    #[arg(long)]
    pub(crate) actor: Option<String>,
    /// Pass over the table of transitions; needs --note
    #[arg(long, requires = "note")]
    pub(crate) force: bool,
    /// Refuse unless it stands here
    #[arg(long)]
    pub(crate) expected_status: Option<Status>,
    /// Refuse unless it has this revision
    #[arg(long)]
    pub(crate) expected_revision: Option<i64>,
    /// The commit that goes with it
    #[arg(long)]
    pub(crate) commit: Option<String>,
    /// The pull request that goes with it
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
