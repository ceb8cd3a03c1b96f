//! `logcenter serve`

use crate::args::{Days, LogFormat, Serve};
use crate::database;
use crate::exit::Failure;
use logcenter_server::{Drain, LogCenter, Retention, serve as serve_http};
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;

/// Serves until SIGTERM or Ctrl-C, then refuses reports, commits what was accepted, and exits.
pub(crate) async fn serve(args: Serve) -> Result<(), Failure> {
    log_to_stderr(args.log_format);
    let server = Server::start(&args).await?;
    greet(&args, &server.api_url, &server.dashboard_url);
    shutdown_signal().await.map_err(|error| Failure::failed(format!("cannot wait for signals: {error}")))?;
    tracing::info!("stopping: refusing reports, committing what was accepted");
    server.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// A running server.
pub(crate) struct Server {
    center: LogCenter,
    drain: Drain,
    serving: [JoinHandle<()>; 2],
    pub(crate) api_url: String,
    pub(crate) dashboard_url: String,
}

impl Server {
    /// Opens the database and listens.
    pub(crate) async fn start(args: &Serve) -> Result<Self, Failure> {
        require_token_off_loopback(args)?;
        let api = listen("--listen", args.listen).await?;
        let dashboard = listen("--dashboard-listen", args.dashboard_listen).await?;
        let (api_url, dashboard_url) = (url(&api)?, url(&dashboard)?);

        let store = database::open(args).await?;
        let public_api = args.public_api_url.as_ref().map(|url| format!("{}{}", url.origin(), url.path()));
        let builder = LogCenter::builder()
            .shared_store(store)
            .retention(retention(args))
            .require_ingest_key(args.require_ingest_key)
            .trusted_proxies(args.trusted_proxies.iter().copied())
            .api_url(public_api.as_ref().unwrap_or(&api_url));
        let builder = match &args.public_url {
            Some(url) => builder.public_url(url.clone()),
            None => builder,
        };
        let builder = match &args.webhook_secret {
            Some(secret) => builder.webhook_secret(secret),
            None => builder,
        };
        let builder = match &args.admin_token {
            Some(token) => builder.admin_token(token),
            None => builder.loopback_only(),
        };
        let center = builder.build().await.map_err(|error| Failure::failed(error.to_string()))?;
        let drain = Drain::default();
        let serving = [
            tokio::spawn(serve_http(api, center.api_router(), drain.clone())),
            tokio::spawn(serve_http(dashboard, center.dashboard_router(), drain.clone())),
        ];
        Ok(Self { center, drain, serving, api_url, dashboard_url })
    }

    /// Refuses reports, finishes requests in flight, and commits what was accepted.
    pub(crate) async fn stop(self) {
        self.drain.begin();
        self.center.refuse_reports();
        for serving in self.serving {
            let _ = serving.await;
        }
        self.center.shutdown().await;
    }
}

/// Without an admin token, anyone who reaches the server may do everything, so only this machine may reach it.
fn require_token_off_loopback(args: &Serve) -> Result<(), Failure> {
    let listeners = [("--listen", args.listen), ("--dashboard-listen", args.dashboard_listen)];
    for (flag, address) in listeners {
        if args.admin_token.is_none() && !address.ip().is_loopback() {
            return Err(Failure::usage(format!(
                "{flag} {address} can be reached from other machines, and without an administrator's token everybody \
                 could read and change everything: give --admin-token, or set LOGCENTER_ADMIN_TOKEN"
            )));
        }
    }
    // A proxy does not have to identify itself as one; everyone would then seem to come from this machine.
    if args.admin_token.is_none() && (args.public_url.is_some() || !args.trusted_proxies.is_empty()) {
        return Err(Failure::usage(
            "behind a proxy everybody would seem to be on this machine, and could read and change everything: give \
             --admin-token, or set LOGCENTER_ADMIN_TOKEN",
        ));
    }
    if args.webhook_secret.as_deref().is_some_and(str::is_empty) {
        return Err(Failure::usage("--webhook-secret is empty"));
    }
    if args.admin_token.as_deref().is_some_and(str::is_empty) {
        return Err(Failure::usage("--admin-token is empty"));
    }
    Ok(())
}

fn retention(args: &Serve) -> Retention {
    let millis = |Days(days)| i64::from(days) * 24 * 60 * 60 * 1000;
    Retention { hours_millis: millis(args.keep_hours), issues_millis: args.keep_issues.map(millis) }
}

async fn listen(flag: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::failed(format!(
            "cannot listen on {address}: {error}. Is another server running there? Give {flag}."
        ))
    })
}

fn url(listener: &TcpListener) -> Result<String, Failure> {
    match listener.local_addr() {
        Ok(address) => Ok(format!("http://{address}")),
        Err(error) => Err(Failure::failed(format!("cannot listen: {error}"))),
    }
}

fn greet(args: &Serve, api_url: &str, dashboard_url: &str) {
    let text = format!(
        "Log Center {version}\n\
         \x20 API        {api_url}\n\
         \x20 Dashboard  {dashboard_url}\n\
         \x20 Database   {database}\n\
         Try it:\n\
         \x20 curl -X POST {api_url}/api/v1/logs/report -d '{example}'\n",
        version = env!("CARGO_PKG_VERSION"),
        database = database::shown(args),
        example = r#"{"project_id": "demo", "environment": "development", "level": "ERROR", "error": {"type": "ValueError", "message": "hello", "file_path": "demo.py", "line_number": 1}}"#,
    );
    // Nobody may be reading standard output.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

pub(crate) fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_env("LOGCENTER_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A line that cannot be written would be reported on stderr, too, and that panics.
    let subscriber = subscriber.log_internal_errors(false);
    match format {
        LogFormat::Text => subscriber.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => subscriber.json().init(),
    }
}

#[cfg(unix)]
pub(crate) async fn shutdown_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
pub(crate) async fn shutdown_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
