//! The first process in the sandbox.

mod files;
mod forward;
mod watch;

use super::seccomp;
use super::spec::{Answer, STARTED, Spec};
use crate::clock;
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// The argument that makes this program the first process of a sandbox.
pub(super) const ARGUMENT: &str = "inside-the-sandbox";

/// Processes and threads that may exist at a time.
const PROCESSES: u64 = 512;

const OPEN_FILES: u64 = 4096;

/// Takes part in the sandbox, if this process was started for that. A program that runs the agent calls it before
/// anything else, and ends if it returns true.
///
/// ```no_run
/// if logcenter_repair::ran_inside_the_sandbox() {
///     return;
/// }
/// ```
#[must_use]
pub fn ran_inside_the_sandbox() -> bool {
    if std::env::args_os().nth(1).is_none_or(|argument| argument != ARGUMENT) {
        return false;
    }
    if let Err(error) = answer() {
        // The agent reads it as the reason why the sandbox did not start.
        let _ = writeln!(io::stderr(), "sandbox: {error}");
    }
    true
}

fn answer() -> io::Result<()> {
    let spec: Spec = serde_json::from_reader(io::stdin().lock())?;
    // The kernel's choice, should memory run out: the command, not this process.
    let _ = std::fs::write("/proc/self/oom_score_adj", "500");
    files::copy(&spec.base, &spec.tree)?;
    files::copy(&spec.git, &spec.tree.join(".git"))?;
    std::fs::create_dir_all(&spec.home)?;
    limit(&spec)?;
    if let Some(socket) = &spec.proxy {
        forward::listen(socket.clone())?;
    }
    let mut out = io::stdout().lock();
    out.write_all(STARTED.as_bytes())?;
    out.flush()?;
    let answer = run(&spec);
    out.write_all(serde_json::to_string(&answer)?.as_bytes())?;
    out.write_all(b"\n")?;
    if spec.take {
        files::hand_back(&spec, &mut out)?;
    }
    out.flush()
}

/// Bounds this process and all that follow. The command cannot look into this process, nor change it.
fn limit(spec: &Spec) -> io::Result<()> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_FSIZE, spec.memory, spec.memory)?;
    setrlimit(Resource::RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)?;
    if spec.confined {
        setrlimit(Resource::RLIMIT_NPROC, PROCESSES, PROCESSES)?;
        setrlimit(Resource::RLIMIT_DATA, spec.memory, spec.memory)?;
        prctl::set_dumpable(false)?;
        seccomp::apply().map_err(io::Error::other)?;
    }
    Ok(())
}

fn run(spec: &Spec) -> Answer {
    let unstartable = |error: io::Error| Answer {
        exit: None,
        signal: None,
        out_of_memory: false,
        seconds: 0.0,
        unstartable: Some(error.to_string()),
    };
    let begun = clock::now();
    let child = match spawn(spec) {
        Ok(child) => child,
        Err(error) => return unstartable(error),
    };
    // This process reaps every child, orphans too, and so has no use for the handle.
    let child = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
    let watch = watch::Watch::begin(spec, child);
    let (mut exit, mut signal) = (None, None);
    loop {
        let awaited = if spec.confined { None } else { Some(child) };
        match waitpid(awaited, None) {
            Ok(WaitStatus::Exited(pid, code)) if pid == child => {
                exit = Some(code);
                break;
            }
            Ok(WaitStatus::Signaled(pid, by, _)) if pid == child => {
                signal = Some(by as i32);
                break;
            }
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(_) => break,
        }
    }
    let seconds = clock::now().duration_since(begun).as_secs_f64();
    let out_of_memory = watch.end();
    end_all(spec, child);
    Answer { exit, signal, out_of_memory, seconds, unstartable: None }
}

fn spawn(spec: &Spec) -> io::Result<std::process::Child> {
    let (program, arguments) = spec.command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let stdin = match &spec.stdin {
        Some(path) => Stdio::from(File::open(path)?),
        None => Stdio::null(),
    };
    let output = io::stderr().as_fd().try_clone_to_owned()?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(spec.environment.iter().cloned()).current_dir(&spec.tree);
    command.stdin(stdin).stdout(Stdio::from(output)).process_group(0);
    command.spawn().map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))
}

/// Ends every process that the command left behind, so that nobody writes while its files are read.
fn end_all(spec: &Spec, child: Pid) {
    if !spec.confined {
        // It may have none left.
        let _ = killpg(child, Signal::SIGKILL);
        return;
    }
    // From the first process of a namespace, -1 is everybody else in it.
    let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
    while !matches!(waitpid(None::<Pid>, None), Err(nix::errno::Errno::ECHILD)) {}
}
