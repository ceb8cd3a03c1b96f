//! `logcenter ci`: reports failures in a pipeline, without ever failing the pipeline itself.

mod args;
mod decode;
mod document;
mod failed_step;
mod log;
mod pipeline;
mod report;
mod run;
mod step;
mod streams;

pub(crate) use args::Ci;
use args::CiCommand;
use logcenter_secrets::Secrets;
use std::process::ExitCode;

/// Whether the command must never fail a pipeline, even when called incorrectly.
pub(crate) fn must_not_fail() -> bool {
    let mut args = std::env::args_os().skip(1);
    args.next().is_some_and(|first| first == "ci")
        && args.find(|arg| arg == "report" || arg == "run").is_some_and(|command| command == "report")
}

/// The exit code of a step: `report` always succeeds, `run` exits like its command.
pub(crate) async fn ci(args: Ci) -> ExitCode {
    match args.command {
        CiCommand::Report(wanted) => report::report(&args.center, wanted).await,
        CiCommand::Run(wanted) => run::run(&args.center, wanted).await,
    }
}

/// The last lines of a log from somewhere else, without control characters and without what looks like a secret.
pub(crate) fn readable(log: &[u8]) -> Vec<String> {
    let reader = Secrets::of(std::iter::empty()).and_then(log::Reader::new);
    reader.map(|reader| reader.lines(log)).unwrap_or_default()
}
