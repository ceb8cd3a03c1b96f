//! What errors can do to the program that reports them.

use axum::{Router, body::Body, http::Request, routing::get};
use logcenter_client::{Incident, Level, capture, init, message};
use logcenter_tower::{LogCenterLayer, Result};
use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant};
use tower::ServiceExt;
use tracing_subscriber::prelude::*;

/// Reports `number` different errors, and prints how long the shutdown took.
pub fn errors(number: u32) {
    let guard = crate::start();
    for n in 0..number {
        Incident::new(format!("Error{n}"), &"one of many").send();
    }
    let begin = Instant::now();
    drop(guard);
    println!("{}", begin.elapsed().as_millis());
}

/// Everything is logged and captured, including the client's own activity.
pub fn trace_loop() {
    let _guard = crate::start();
    let everything = logcenter_panic::ErrorLayer::new().min_level(tracing::Level::TRACE).into_layer();
    let print = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(print).with(everything).init();
    tracing::error!("once");
    logcenter_client::flush(Duration::from_secs(1));
}

/// A field that logs when it is formatted.
pub fn logging_debug() {
    struct Logs;
    impl fmt::Debug for Logs {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            tracing::error!(again = ?Logs2, "from Debug");
            f.write_str("logs")
        }
    }
    struct Logs2;
    impl fmt::Debug for Logs2 {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            tracing::error!("from Debug of Debug");
            f.write_str("logs")
        }
    }
    let _guard = crate::start();
    tracing_subscriber::registry().with(logcenter_panic::layer()).init();
    tracing::error!(field = ?Logs, "outer"); // reported: outer
}

/// An endless message, and a source that is its own source.
pub fn huge() {
    #[derive(Debug)]
    struct Endless;
    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (0..10_000_000).try_for_each(|_| f.write_str("错"))
        }
    }
    impl Error for Endless {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(self)
        }
    }
    let _guard = crate::start();
    let captured = capture(&Endless); // reported: huge
    captured.context("huge", "x".repeat(10_000_000)).send();
    Incident::new("Nul\0", &"a\0b\u{FFFF}").send();
}

/// Secrets in every possible place.
pub fn secrets() {
    async fn fails() -> Result<String> {
        Err("GET https://user:hunter2@host/?token=hunter2 failed: password=hunter2 Bearer hunter2")?
    }
    let _guard = init(crate::config().headers(["authorization", "cookie", "x-tenant"]).scrub(["iban"]));
    let app: Router = Router::new().route("/", get(fails)).layer(LogCenterLayer::new());
    let request = Request::get("/?password=hunter2&iban=hunter2&page=2")
        .header("authorization", "hunter2")
        .header("cookie", "hunter2")
        .header("x-tenant", "seven")
        .body(Body::empty())
        .expect("a request");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(app.oneshot(request)).expect("infallible");
    message(Level::Error, "with context").context("api_key", "hunter2").context("page", 2).send();
}

/// A process that forks after the start: both processes report.
pub fn fork() {
    let guard = crate::start();
    // SAFETY: the child only calls what is tested.
    let child = unsafe { libc::fork() };
    if child == 0 {
        Incident::new("Child", &"from the child").send();
        assert!(logcenter_client::flush(Duration::from_secs(5)), "the child's report is not delivered");
        drop(guard);
        std::process::exit(0);
    }
    Incident::new("Parent", &"from the parent").send();
    let mut status = 0;
    // SAFETY: waits for the child.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(status, 0, "the child failed");
}

/// More errors than can be sent: prints the peak memory in KiB and the number of lost reports.
pub fn flood(number: u32) {
    let guard = crate::start();
    for n in 0..number {
        Incident::new(format!("Error{n}"), &"x".repeat(1000)).send();
    }
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    println!("{} {}", peak.trim().trim_end_matches(" kB"), guard.stats().lost.total());
}

/// The same error again and again.
pub fn storm(number: u32) {
    let guard = crate::start();
    for _ in 0..number {
        Incident::new("Storm", &"again").send();
        // Lets the worker keep up: the queue is not under test here.
        while guard.stats().queued > 500 {
            std::thread::yield_now();
        }
    }
}

/// Reports one error for each line on standard input.
pub fn outage() {
    let guard = crate::start();
    for line in std::io::stdin().lines() {
        let line = line.expect("a line");
        Incident::new(line, &"told on demand").send();
        println!("{}", guard.stats().delivered);
    }
}
