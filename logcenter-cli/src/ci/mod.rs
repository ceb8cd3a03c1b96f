//! `logcenter ci`: what fails in a pipeline comes in, and the pipeline never fails of it.

mod document;
mod failed_step;
mod log;
mod pipeline;
mod report;
mod run;
mod secrets;
mod step;
mod streams;

use crate::args::{Ci, CiCommand};
use std::process::ExitCode;

/// Whether the command is one that a pipeline must not fail of, even when it is called wrongly.
pub(crate) fn never_fails() -> bool {
    let mut args = std::env::args_os().skip(1);
    args.next().is_some_and(|first| first == "ci")
        && args.find(|arg| arg == "report" || arg == "run").is_some_and(|command| command == "report")
}

/// How a step ends: `report` always well, `run` as its command did.
pub(crate) async fn ci(args: Ci) -> ExitCode {
    match args.command {
        CiCommand::Report(wanted) => report::report(&args.center, wanted).await,
        CiCommand::Run(wanted) => run::run(&args.center, wanted).await,
    }
}

/// The last lines of a log that somebody else wrote: without control characters, without what looks like a secret.
pub(crate) fn readable(log: &[u8]) -> Vec<String> {
    let reader = secrets::Secrets::of(std::iter::empty()).and_then(log::Reader::new);
    reader.map(|reader| reader.lines(log)).unwrap_or_default()
}
