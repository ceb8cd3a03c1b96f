//! Ends the command when the agent is gone, or when everything in the sandbox together uses too much memory. Per process the
//! kernel limits memory; for all of them it would need a control group, which not every host lets a plain user have.

use super::super::spec::Spec;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::statvfs::statvfs;
use nix::unistd::Pid;
use std::os::fd::AsFd;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

const EVERY: Duration = Duration::from_millis(100);

pub(super) struct Watch {
    stop: Sender<()>,
    thread: Option<JoinHandle<bool>>,
}

impl Watch {
    pub(super) fn begin(spec: &Spec, child: Pid) -> Self {
        let (stop, stopped) = mpsc::channel::<()>();
        let (memory, confined) = (spec.memory, spec.confined);
        let watch = move || {
            let is_too_much = loop {
                match stopped.recv_timeout(EVERY) {
                    Err(RecvTimeoutError::Timeout) if is_alone() => break false,
                    Err(RecvTimeoutError::Timeout) if confined && used() > memory => break true,
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return false,
                }
            };
            // They may have ended by themselves just now.
            let _ = if confined {
                kill(Pid::from_raw(-1), Signal::SIGKILL)
            } else {
                killpg(child, Signal::SIGKILL)
            };
            is_too_much
        };
        let thread = std::thread::Builder::new().name("watch".into()).spawn(watch).ok();
        Self { stop, thread }
    }

    /// Ends the watch; tells whether it had to end the command.
    pub(super) fn end(self) -> bool {
        drop(self.stop);
        self.thread.is_some_and(|thread| thread.join().unwrap_or(false))
    }
}

/// Whether nobody reads what this process will answer. The kernel's own way, a signal when the parent dies, does not reach
/// from one user to another.
fn is_alone() -> bool {
    let out = std::io::stdout();
    let mut pipe = [PollFd::new(out.as_fd(), PollFlags::empty())];
    poll(&mut pipe, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
}

/// What all processes and files of the sandbox use, in bytes.
fn used() -> u64 {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| {
        entry.file_name().to_str()?.parse::<u32>().ok()?;
        let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
        // Shared memory is counted for each who has it: rather too much than not at all.
        let own = |line: &&str| line.starts_with("RssAnon:") || line.starts_with("RssShmem:");
        let kibibytes =
            status.lines().filter(own).filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        Some(kibibytes.sum::<u64>() * 1024)
    });
    let files = ["/tmp", "/dev/shm", "/task/out"].iter().filter_map(|path| {
        let about = statvfs(*path).ok()?;
        Some((about.blocks() - about.blocks_free()) * about.fragment_size())
    });
    processes.chain(files).sum()
}
