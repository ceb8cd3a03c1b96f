//! Configuration of the client.

use crate::app::AppInfo;
use crate::report::Report;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// When a report includes a stack trace. Panics always do, except with `Never`.
///
/// A stack trace is captured as raw addresses (a few microseconds) and resolved on the worker thread. The first time,
/// debug information costs the process tens of megabytes, which are freed after a minute without incidents.
///
/// ```
/// use logcenter_client::{Config, Stacks};
///
/// let config = Config::from_env().stacks(Stacks::Panics);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stacks {
    /// Never. Errors whose own line is unknown are reported by type and route.
    Never,
    /// Only for panics, and where only a stack trace can tell the line.
    Panics,
    /// Also for the first error of each location in an hour.
    #[default]
    FirstPerHour,
    /// Always.
    Always,
}

/// Decides on the worker thread whether a report is sent, and may change it.
pub(crate) type BeforeSend = Arc<dyn Fn(&mut Report) -> bool + Send + Sync>;

/// How a program reports, and where.
///
/// ```
/// use logcenter_client::{Config, Stacks};
/// use std::time::Duration;
///
/// let config = Config::new("https://logs.example.com", "billing")
///     .environment("production")
///     .key("lck_…")
///     .stacks(Stacks::Always)
///     .scrub(["iban"])
///     .rate_limit(60, Duration::from_secs(60))
///     .before_send(|report| report.error_type != "ClientGone");
/// ```
#[derive(Clone)]
#[must_use]
pub struct Config {
    pub(crate) url: String,
    /// Whether nobody set the URL.
    pub(crate) is_default_url: bool,
    pub(crate) project: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) environment: String,
    pub(crate) app: AppInfo,
    pub(crate) stacks: Stacks,
    pub(crate) headers: Vec<http::HeaderName>,
    pub(crate) scrub: Vec<String>,
    pub(crate) rate_limit: (u32, Duration),
    pub(crate) sample: f64,
    pub(crate) spool: Option<(PathBuf, u64)>,
    pub(crate) before_send: Option<BeforeSend>,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) dying_timeout: Duration,
    /// What is wrong with an invalid setting.
    pub(crate) problem: Option<String>,
}

impl fmt::Debug for Config {
    /// Leaves out the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("url", &crate::scrub::url(&self.url))
            .field("project", &self.project)
            .field("environment", &self.environment)
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Reports to `project` on the Log Center at `url`.
    pub fn new(url: impl Into<String>, project: impl Into<String>) -> Self {
        Self { project: Some(project.into()), ..Self::blank(url.into()) }
    }

    /// Reads `LOG_CENTER_URL` (default `http://localhost:8002`; if it is not set and nobody listens there, reporting turns
    /// itself off), `LOG_CENTER_PROJECT` (default: the package's name, if
    /// set with [`app`](Self::app)), `LOG_CENTER_KEY` and `ENVIRONMENT` (default `development`).
    #[expect(clippy::disallowed_methods, reason = "the one place where the client reads the environment")]
    pub fn from_env() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self {
            project: variable("LOG_CENTER_PROJECT"),
            key: variable("LOG_CENTER_KEY"),
            environment: variable("ENVIRONMENT").unwrap_or_else(|| "development".into()),
            is_default_url: variable("LOG_CENTER_URL").is_none(),
            ..Self::blank(variable("LOG_CENTER_URL").unwrap_or_else(|| "http://localhost:8002".into()))
        }
    }

    fn blank(url: String) -> Self {
        Self {
            url,
            is_default_url: false,
            project: None,
            key: None,
            environment: "development".into(),
            app: AppInfo::default(),
            stacks: Stacks::default(),
            headers: Vec::new(),
            scrub: Vec::new(),
            rate_limit: (60, Duration::from_secs(60)),
            sample: 1.0,
            spool: None,
            before_send: None,
            shutdown_timeout: Duration::from_secs(2),
            dying_timeout: Duration::from_secs(1),
            problem: None,
        }
    }

    /// Sets what the build knows: [`app_info!()`](crate::app_info). Gives reports their version and commit, and files
    /// the same path wherever the program was built.
    pub fn app(mut self, app: AppInfo) -> Self {
        self.app = app;
        self
    }

    /// Sets the project ID.
    pub fn project(mut self, project: impl Into<String>) -> Self {
        self.project = Some(project.into());
        self
    }

    /// Sets the environment the program runs in: `production`, `staging`.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.environment = environment.into();
        self
    }

    /// Sets the project's ingest key, if the server requires one.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets when reports include a stack trace.
    pub fn stacks(mut self, stacks: Stacks) -> Self {
        self.stacks = stacks;
        self
    }

    /// Adds request headers to report besides `x-request-id`. Each request that has one of them then costs an
    /// allocation. Headers that carry secrets are never reported, even if named here.
    pub fn headers<H: AsRef<str>>(mut self, names: impl IntoIterator<Item = H>) -> Self {
        for name in names {
            match http::HeaderName::from_bytes(name.as_ref().as_bytes()) {
                Ok(name) if crate::scrub::is_secret(name.as_str(), &[]) => {}
                Ok(name) => self.headers.push(name),
                Err(_) => self.problem = Some(format!("{:?} is no header's name", name.as_ref())),
            }
        }
        self
    }

    /// Adds words that mark a key's value as secret, besides `password`, `token` and the like.
    pub fn scrub<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.scrub.extend(words.into_iter().map(|word| word.into().to_ascii_lowercase()));
        self
    }

    /// Sets how many reports of one issue are sent per period (60 a minute by default). Further ones are counted, and
    /// the count is sent with the next report.
    pub fn rate_limit(mut self, reports: u32, period: Duration) -> Self {
        self.rate_limit = (reports.max(1), period);
        self
    }

    /// Sets which share of an issue's reports is sent in full, from 0 to 1 (all by default). The first one of a period
    /// always is; those that are not are counted, and the count is sent with the next report.
    pub fn sample(mut self, share: f64) -> Self {
        self.sample = share;
        self
    }

    /// Sets a folder that keeps up to `bytes` bytes of reports while the server is unreachable. They are sent when it
    /// is back, by this process or the next. Several processes may share the folder, even for different projects; the
    /// limit applies to each project.
    pub fn spool(mut self, folder: impl Into<PathBuf>, bytes: u64) -> Self {
        self.spool = Some((folder.into(), bytes));
        self
    }

    /// Called on the worker thread with each report before it is sent. It may change the report; `false` drops it. If
    /// it panics, and panics unwind, the report is sent unchanged.
    pub fn before_send(mut self, decide: impl Fn(&mut Report) -> bool + Send + Sync + 'static) -> Self {
        self.before_send = Some(Arc::new(decide));
        self
    }

    /// Sets how long dropping the [`Guard`](crate::Guard) may take (2 s by default).
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Sets how long a process that dies of a panic waits for its last report (1 s by default).
    pub fn dying_timeout(mut self, timeout: Duration) -> Self {
        self.dying_timeout = timeout;
        self
    }
}
