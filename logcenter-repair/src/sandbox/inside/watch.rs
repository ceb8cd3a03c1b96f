//! Ends the command when everything in the sandbox together uses too much memory. Per process the kernel does it; for all
//! of them it would need a control group, which not every host lets a plain user have.

use super::super::spec::Spec;
use nix::sys::signal::{Signal, kill};
use nix::sys::statvfs::statvfs;
use nix::unistd::Pid;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

const EVERY: Duration = Duration::from_millis(100);
const PAGE: u64 = 4096;

pub(super) struct Watch {
    stop: Sender<()>,
    thread: Option<JoinHandle<bool>>,
}

impl Watch {
    pub(super) fn begin(spec: &Spec, child: Pid) -> Self {
        let (stop, stopped) = mpsc::channel::<()>();
        let (memory, confined) = (spec.memory, spec.confined);
        let watch = move || {
            loop {
                match stopped.recv_timeout(EVERY) {
                    Err(RecvTimeoutError::Timeout) if used() <= memory => {}
                    Err(RecvTimeoutError::Timeout) => break,
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return false,
                }
            }
            // It may have ended by itself just now.
            let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
            let _ = kill(child, Signal::SIGKILL);
            true
        };
        let builder = std::thread::Builder::new().name("watch".into());
        let thread = if confined { builder.spawn(watch).ok() } else { None };
        Self { stop, thread }
    }

    /// Ends the watch; tells whether it had to end the command.
    pub(super) fn end(self) -> bool {
        drop(self.stop);
        self.thread.is_some_and(|thread| thread.join().unwrap_or(false))
    }
}

/// What all processes and files of the sandbox use, in bytes.
fn used() -> u64 {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| {
        entry.file_name().to_str()?.parse::<u32>().ok()?;
        let pages = std::fs::read_to_string(entry.path().join("statm")).ok()?;
        let mut pages = pages.split(' ').skip(1).map(|pages| pages.parse::<u64>().unwrap_or(0));
        // Resident, without what is shared with files.
        Some(pages.next()?.saturating_sub(pages.next()?) * PAGE)
    });
    let files = ["/tmp", "/dev/shm", "/task/out"].iter().filter_map(|path| {
        let about = statvfs(*path).ok()?;
        Some((about.blocks() - about.blocks_free()) * about.fragment_size())
    });
    processes.chain(files).sum()
}
