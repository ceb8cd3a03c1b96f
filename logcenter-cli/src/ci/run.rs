//! `logcenter ci run`

use super::args::{Center, CiRun};
use super::failed_step::FailedStep;
use super::report::send;
use super::streams::{End, HangUp, open_stream, pass_on, same_size};
use crate::output::say;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::IsTerminal;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus};
use tokio::signal::unix::{SignalKind, signal};

/// Runs the command and exits like it; reports it if it fails.
pub(super) async fn run(center: &Center, wanted: CiRun) -> ExitCode {
    let end = End::default();
    let (code, message) = match start(&wanted.command, &end) {
        Ok(running) => {
            let status = running.ended().await;
            (code(status), describe(&wanted.command[0], status))
        }
        Err(error) => {
            let message = format!("{} cannot be run: {error}", wanted.command[0].display());
            say(&message);
            (if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 }, message)
        }
    };
    if code != 0 {
        let log = end.bytes();
        let failure = FailedStep {
            project_id: &wanted.project,
            step: &wanted.step,
            message: Some(&message),
            log: &log,
        };
        send(center, failure).await;
    }
    ExitCode::from(code)
}

/// A running command, and the threads that pass on its output.
struct Running {
    child: Child,
    streams: [std::thread::JoinHandle<()>; 2],
    /// Dropped when the command has ended.
    keep_alive: OwnedFd,
    /// The pseudo-terminals it writes to, if any.
    screens: Vec<File>,
}

fn start(command: &[OsString], end: &End) -> std::io::Result<Running> {
    let (stdout, from_stdout) = open_stream(&std::io::stdout())?;
    let (stderr, from_stderr) = open_stream(&std::io::stderr())?;
    let child = Command::new(&command[0]).args(&command[1..]).stdout(stdout).stderr(stderr).spawn()?;
    let terminals = [&from_stdout, &from_stderr].into_iter().filter(|stream| stream.is_terminal());
    let screens = terminals.map(File::try_clone).collect::<Result<_, _>>()?;
    let (ended, keep_alive) = std::io::pipe()?;
    let ended = HangUp::new(ended.into());
    let streams = [
        pass_on(from_stdout, ended.clone(), end.clone(), std::io::stdout()),
        pass_on(from_stderr, ended, end.clone(), std::io::stderr()),
    ];
    Ok(Running { child, streams, keep_alive: keep_alive.into(), screens })
}

impl Running {
    /// Waits until the command has ended and all its output is passed on; forwards signals to it.
    async fn ended(self) -> ExitStatus {
        let Self { mut child, streams, keep_alive, screens } = self;
        let pid = Pid::from_child(&child);
        let mut signals = tokio::task::JoinSet::new();
        for (kind, passed) in passed_on() {
            let Ok(mut heard) = signal(kind) else { continue };
            signals.spawn(async move {
                while heard.recv().await.is_some() {
                    let _ = kill_process(pid, passed);
                }
            });
        }
        if let Ok(mut resized) = signal(SignalKind::window_change()) {
            signals.spawn(async move {
                while resized.recv().await.is_some() {
                    screens.iter().for_each(|screen| same_size(&std::io::stdout(), screen));
                }
            });
        }
        let status = tokio::task::spawn_blocking(move || child.wait()).await;
        signals.abort_all();
        drop(keep_alive);
        let _ =
            tokio::task::spawn_blocking(|| streams.into_iter().for_each(|stream| drop(stream.join()))).await;
        status.ok().and_then(Result::ok).unwrap_or_else(|| ExitStatus::from_raw(1 << 8))
    }
}

/// The signals that are forwarded to the command. Signals typed at a terminal reach it directly.
fn passed_on() -> impl Iterator<Item = (SignalKind, Signal)> {
    let typed = std::io::stdin().is_terminal();
    let signals = [
        (SignalKind::interrupt(), Signal::INT),
        (SignalKind::quit(), Signal::QUIT),
        (SignalKind::terminate(), Signal::TERM),
        (SignalKind::hangup(), Signal::HUP),
        (SignalKind::user_defined1(), Signal::USR1),
        (SignalKind::user_defined2(), Signal::USR2),
    ];
    signals.into_iter().skip(if typed { 2 } else { 0 })
}

/// The exit code as a shell reports it: 128 plus the signal's number if a signal ended the command.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

fn describe(command: &OsStr, status: ExitStatus) -> String {
    let name = Path::new(command).file_name().unwrap_or(command).display();
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("{name} ended with exit code {code}"),
        (None, Some(signal)) => format!("{name} was ended by signal {signal}"),
        (None, None) => format!("{name} ended"),
    }
}
