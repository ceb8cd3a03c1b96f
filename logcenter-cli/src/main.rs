//! `logcenter`: the server, and the commands that talk to one.

mod api;
mod args;
mod ci;
mod database;
mod db;
mod demo;
mod event_id;
mod exit;
mod issues;
mod k8s;
mod output;
mod project;
mod repair;
mod report;
mod serve;

use args::{Args, Command};
use clap::Parser;
use std::process::ExitCode;

// A report's memory is allocated on one thread and freed on another, which the C library's allocator does slowly.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    if logcenter_repair::ran_inside_the_sandbox() {
        return ExitCode::SUCCESS;
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to standard output. If nobody reads either stream, nobody misses them.
            let _ = error.print();
            let asked_for = !error.use_stderr();
            return if asked_for || ci::must_not_fail() { ExitCode::SUCCESS } else { ExitCode::from(2) };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::Failure::failed(format!("cannot start: {error}")).report(),
    };
    let ended = runtime.block_on(run(args));
    // A DNS lookup that never returns must not delay the exit.
    runtime.shutdown_background();
    ended
}

async fn run(args: Args) -> ExitCode {
    let done = match args.command {
        None => serve::serve(args.serve).await,
        Some(Command::Serve(serve)) => serve::serve(serve).await,
        Some(Command::Demo(demo)) => demo::demo(demo).await,
        Some(Command::Report(report)) => report::report(report).await,
        Some(Command::Ci(ci)) => return ci::ci(ci).await,
        Some(Command::K8s(k8s)) => k8s::k8s(k8s).await,
        Some(Command::Project(project)) => project::project(project).await,
        Some(Command::Issues(issues)) => issues::issues(issues).await,
        Some(Command::Db(db)) => db::db(db).await,
        Some(Command::Repair(repair)) => repair::repair(repair).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
