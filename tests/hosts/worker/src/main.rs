//! A program without a web framework: `eyre`, `error-stack`, `snafu`, and a panic hook that is installed late.
//! `worker-host SCENE…` runs scenes and then ends with an error, as a program does that cannot start.

use color_eyre::eyre;
use error_stack::ResultExt;
use logcenter_client::{Config, app_info, capture, init, reported};
use snafu::{ResultExt as _, Snafu};
use std::fmt;
use std::time::Duration;

#[derive(Debug, Snafu)]
enum JobError {
    #[snafu(display("the job {name} cannot be read"))]
    Read { name: &'static str, source: std::io::Error },
}

#[derive(Debug)]
struct Stalled;

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue stalled")
    }
}

impl std::error::Error for Stalled {}

fn with_snafu() {
    let read = std::fs::read_to_string("/nowhere").context(ReadSnafu { name: "nightly" });
    if let Err(error) = read {
        capture(&error).send(); // reported: snafu
    }
}

fn with_error_stack() {
    fn job() -> Result<u32, error_stack::Report<Stalled>> {
        "x".parse::<u32>()
            .change_context(Stalled) // reported: error-stack
            .attach("job 7")
    }
    let _ = reported!(job());
}

fn with_thread() {
    let thread = std::thread::spawn(|| panic!("the thread is lost")); // reported: thread
    assert!(thread.join().is_err());
}

fn outside() {
    assert!(std::thread::spawn(outside::fails).join().is_err());
}

fn storm() {
    for number in 0..5000 {
        tracing::error!(number, "the disk is full"); // reported: storm
    }
}

fn start() -> eyre::Result<u32> {
    let port = "many".parse();
    eyre::WrapErr::wrap_err(port, "the port cannot be read") // reported: main
}

fn main() -> eyre::Result<()> {
    use tracing_subscriber::prelude::*;
    let _guard = init(Config::from_env().app(app_info!()).shutdown_timeout(Duration::from_secs(60)));
    logcenter_panic::install();
    color_eyre::install()?;
    let filter = tracing_subscriber::EnvFilter::new("error");
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(filter))
        .with(logcenter_panic::layer())
        .init();
    for scene in std::env::args().skip(1) {
        match &*scene {
            "snafu" => with_snafu(),
            "error-stack" => with_error_stack(),
            "thread" => with_thread(),
            "outside" => outside(),
            "storm" => storm(),
            _ => drop(reported!(start())?),
        }
    }
    Ok(())
}
