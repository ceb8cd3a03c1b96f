//! Passes on a command's output as it comes, and keeps the end of it.

use super::log::BYTES;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// The end of a command's output, with both streams interleaved as they came.
#[derive(Clone, Default)]
pub(super) struct End(Arc<Mutex<Vec<u8>>>);

impl End {
    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        // Done rarely, so that the buffer is not moved for every chunk.
        if kept.len() > 2 * BYTES as usize {
            let excess = kept.len() - BYTES as usize;
            kept.drain(..excess);
        }
    }

    /// The bytes kept.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept[kept.len().saturating_sub(BYTES as usize)..].to_vec()
    }
}

/// Hangs up when the command has ended.
pub(super) type HangUp = Arc<OwnedFd>;

/// Bytes that a stream may still hold after its command has ended: pipes hold at most this much unless an
/// administrator raises the limit (pipe(7)).
const HELD: usize = 1024 * 1024;

/// Creates what a command writes one of its streams to, and the file to read it from: a pseudo-terminal if our own
/// stream is a terminal and one is available, so that the command keeps its colours; otherwise a pipe.
pub(super) fn open_stream(ours: &(impl AsFd + IsTerminal)) -> std::io::Result<(Stdio, File)> {
    if ours.is_terminal()
        && let Ok(stream) = terminal(ours)
    {
        return Ok(stream);
    }
    let (reading, writing) = std::io::pipe()?;
    Ok((writing.into(), File::from(OwnedFd::from(reading))))
}

fn terminal(ours: &impl AsFd) -> std::io::Result<(Stdio, File)> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let name = ptsname(&master, Vec::new())?;
    let name = name.to_string_lossy().into_owned();
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NOCTTY.bits().cast_signed(),
    );
    let slave = options.open(name)?;
    // Our own terminal translates line ends already; doing it twice would break them.
    let mut settings = tcgetattr(&slave)?;
    settings.make_raw();
    tcsetattr(&slave, OptionalActions::Now, &settings)?;
    same_size(ours, &slave);
    Ok((slave.into(), File::from(master)))
}

/// Makes a terminal the same size as ours.
pub(super) fn same_size(ours: &impl AsFd, terminal: &File) {
    if let Ok(size) = tcgetwinsize(ours) {
        let _ = tcsetwinsize(terminal, size);
    }
}

/// Passes on output until it ends. A process that the command left behind may hold the stream open forever, so once
/// the command has ended, only what it wrote by then is passed on.
pub(super) fn pass_on(
    mut stream: File,
    ended: HangUp,
    end: End,
    mut to: impl Write + Send + 'static,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let (mut buffer, mut left) = (vec![0; 64 * 1024], HELD);
        while let Ok((readable, over)) = wait_readable(&stream, &ended) {
            if !readable && over || left == 0 {
                break;
            }
            if !readable {
                continue;
            }
            // Reading a pseudo-terminal fails once nobody writes to it any more.
            let Ok(length @ 1..) = stream.read(&mut buffer) else { break };
            if over {
                left = left.saturating_sub(length);
            }
            end.keep(&buffer[..length]);
            let written = to.write_all(&buffer[..length]).and_then(|()| to.flush());
            // Stop, so that the command notices that the reader is gone, as it would without us. It is not told about
            // a full disk.
            if written.is_err_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe) {
                break;
            }
        }
    })
}

/// Waits; returns whether there is something to read (or the end of it), and whether the command has ended.
fn wait_readable(stream: &File, ended: &HangUp) -> std::io::Result<(bool, bool)> {
    let mut polled = [PollFd::new(stream, PollFlags::IN), PollFd::new(ended, PollFlags::empty())];
    match poll(&mut polled, None) {
        Ok(_) => Ok((!polled[0].revents().is_empty(), !polled[1].revents().is_empty())),
        Err(Errno::INTR) => Ok((false, false)),
        Err(error) => Err(error.into()),
    }
}
