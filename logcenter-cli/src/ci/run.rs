//! `logcenter ci run`

use super::failed_step::FailedStep;
use super::report::send;
use super::streams::{End, Ended, pass_on, same_size, way};
use crate::args::{Center, CiRun};
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

/// Runs the command and ends as it ends; reports when it fails.
pub(super) async fn run(center: &Center, wanted: CiRun) -> ExitCode {
    let end = End::default();
    let (code, said) = match start(&wanted.command, &end) {
        Ok(running) => {
            let status = running.ended().await;
            (code(status), describe(&wanted.command[0], status))
        }
        Err(error) => {
            let said = format!("{} cannot be run: {error}", wanted.command[0].display());
            say(&said);
            (if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 }, said)
        }
    };
    if code != 0 {
        let log = end.bytes();
        let failure =
            FailedStep { project_id: &wanted.project, step: &wanted.step, said: Some(&said), log: &log };
        send(center, failure).await;
    }
    ExitCode::from(code)
}

/// A command that runs, and those who pass on what it says.
struct Running {
    child: Child,
    streams: [std::thread::JoinHandle<()>; 2],
    /// Dropped when the command has ended.
    lives: OwnedFd,
    /// The pseudo-terminals that it writes to, if any.
    screens: Vec<File>,
}

fn start(command: &[OsString], end: &End) -> std::io::Result<Running> {
    let (stdout, from_stdout) = way(&std::io::stdout())?;
    let (stderr, from_stderr) = way(&std::io::stderr())?;
    let child = Command::new(&command[0]).args(&command[1..]).stdout(stdout).stderr(stderr).spawn()?;
    let ways = [&from_stdout, &from_stderr].into_iter().filter(|way| way.is_terminal());
    let screens = ways.map(File::try_clone).collect::<Result<_, _>>()?;
    let (ended, lives) = std::io::pipe()?;
    let ended = Ended::new(ended.into());
    let streams = [
        pass_on(from_stdout, ended.clone(), end.clone(), std::io::stdout()),
        pass_on(from_stderr, ended, end.clone(), std::io::stderr()),
    ];
    Ok(Running { child, streams, lives: lives.into(), screens })
}

impl Running {
    /// Waits for its end, and until all that it said is passed on; passes signals on to it.
    async fn ended(self) -> ExitStatus {
        let Self { mut child, streams, lives, screens } = self;
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
        drop(lives);
        let _ =
            tokio::task::spawn_blocking(|| streams.into_iter().for_each(|stream| drop(stream.join()))).await;
        status.ok().and_then(Result::ok).unwrap_or_else(|| ExitStatus::from_raw(1 << 8))
    }
}

/// The signals that the command gets from us. What is typed at a terminal reaches it by itself.
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

/// The exit code, as a shell tells it: of a command that a signal ended, 128 and the signal's number.
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
