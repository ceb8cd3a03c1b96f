//! `logcenter demo`: a server on a temporary database, with a week of errors sent through the API.

mod agent;
mod week;

use crate::args::{Days, Demo, Serve};
use crate::exit::Failure;
use crate::serve::{Server, log_to_stderr, shutdown_signal};
use logcenter_client::api::Api;
use std::io::Write;

/// Serves until SIGTERM or Ctrl-C. Leaves nothing behind.
pub(crate) async fn demo(args: Demo) -> Result<(), Failure> {
    log_to_stderr(args.log_format);
    let folder =
        tempfile::tempdir().map_err(|error| Failure::failed(format!("no temporary folder: {error}")))?;
    let serve = Serve {
        listen: args.listen,
        dashboard_listen: args.dashboard_listen,
        database: folder.path().join("logcenter.db"),
        log_format: args.log_format,
        admin_token: None,
        require_ingest_key: false,
        webhook_secret: None,
        keep_events: 50,
        keep_hours: Days(14),
        keep_issues: None,
        public_url: None,
        public_api_url: None,
        trusted_proxies: Vec::new(),
    };
    let server = Server::start(&serve).await?;
    let api = Api::new(&server.api_url, None)?;
    let sent = tokio::select! {
        sent = week::send(&api) => sent.map(|()| true),
        _ = shutdown_signal() => Ok(false),
    };
    if !matches!(sent, Ok(true)) {
        server.stop().await;
        return sent.map(|_| ());
    }
    let text = format!(
        "Log Center {} with a week of made-up errors\n\x20 Dashboard  {}\n\x20 API        {}\nCtrl-C ends it and leaves nothing behind.\n",
        env!("CARGO_PKG_VERSION"),
        server.dashboard_url,
        server.api_url,
    );
    let _ = std::io::stdout().write_all(text.as_bytes());
    let going_on = async { if args.still { std::future::pending().await } else { week::go_on(&api).await } };
    let stopped = tokio::select! {
        stopped = shutdown_signal() => stopped,
        () = going_on => Ok(()),
    };
    server.stop().await;
    stopped.map_err(|error| Failure::failed(format!("cannot wait for signals: {error}")))
}
