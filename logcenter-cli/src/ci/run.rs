//! `logcenter ci run`

use super::document::Failure;
use super::report::send;
use super::say;
use super::streams::{End, pass_on, way};
use crate::args::{Center, CiRun};
use rustix::process::{Pid, Signal, kill_process};
use std::io::IsTerminal;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitCode, ExitStatus};
use tokio::signal::unix::{SignalKind, signal};

/// Runs the command and ends as it ends; reports when it fails.
pub(super) async fn run(center: &Center, wanted: CiRun) -> ExitCode {
    let end = End::default();
    let (code, said) = match start(&wanted.command, &end) {
        Ok(running) => {
            let status = running.ended().await;
            (code(status), describe(&wanted.command[0], status))
        }
        Err(error) => {
            let said = format!("{} cannot be run: {error}", wanted.command[0]);
            say(&said);
            (if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 }, said)
        }
    };
    if code != 0 {
        let log = end.bytes();
        let failure =
            Failure { project_id: &wanted.project, step: &wanted.step, said: Some(&said), log: &log };
        send(center, failure).await;
    }
    ExitCode::from(code)
}

/// A command that runs, and those who pass on what it says.
struct Running {
    child: Child,
    streams: [std::thread::JoinHandle<()>; 2],
}

fn start(command: &[String], end: &End) -> std::io::Result<Running> {
    let (stdout, from_stdout) = way(&std::io::stdout())?;
    let (stderr, from_stderr) = way(&std::io::stderr())?;
    let child = Command::new(&command[0]).args(&command[1..]).stdout(stdout).stderr(stderr).spawn()?;
    let streams = [
        pass_on(from_stdout, end.clone(), std::io::stdout()),
        pass_on(from_stderr, end.clone(), std::io::stderr()),
    ];
    Ok(Running { child, streams })
}

impl Running {
    /// Waits for its end; passes signals on to it.
    async fn ended(self) -> ExitStatus {
        let Self { mut child, streams } = self;
        let pid = Pid::from_child(&child);
        let mut waiting = tokio::task::spawn_blocking(move || child.wait());
        let listen = |kind| signal(kind).ok();
        let (mut interrupt, mut terminate, mut hangup) =
            (listen(SignalKind::interrupt()), listen(SignalKind::terminate()), listen(SignalKind::hangup()));
        // What is typed at a terminal reaches the command by itself.
        let typed = std::io::stdin().is_terminal();
        let status = loop {
            let signal = tokio::select! {
                status = &mut waiting => break status,
                Some(()) = heard(&mut interrupt) => Signal::INT,
                Some(()) = heard(&mut terminate) => Signal::TERM,
                Some(()) = heard(&mut hangup) => Signal::HUP,
            };
            if !(typed && signal == Signal::INT) {
                let _ = kill_process(pid, signal);
            }
        };
        // A process that the command left behind may hold the streams open: what the command itself said is read by then.
        let drained =
            tokio::task::spawn_blocking(|| streams.into_iter().for_each(|stream| drop(stream.join())));
        let _ = tokio::time::timeout(std::time::Duration::from_millis(500), drained).await;
        status.ok().and_then(Result::ok).unwrap_or_else(|| ExitStatus::from_raw(1 << 8))
    }
}

async fn heard(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    match signal {
        Some(signal) => signal.recv().await,
        None => std::future::pending().await,
    }
}

/// The exit code, as a shell tells it: of a command that a signal ended, 128 and the signal's number.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

fn describe(command: &str, status: ExitStatus) -> String {
    let name = command.rsplit('/').next().unwrap_or(command);
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("{name} ended with exit code {code}"),
        (None, Some(signal)) => format!("{name} was ended by signal {signal}"),
        (None, None) => format!("{name} ended"),
    }
}
