//! The output of a command, passed on as it comes, its end kept.

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

/// The end of what a command said, both streams as they came.
#[derive(Clone, Default)]
pub(super) struct End(Arc<Mutex<Vec<u8>>>);

impl End {
    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        // Seldom, so that what is kept is not moved with every piece that comes.
        if kept.len() > 2 * BYTES as usize {
            let excess = kept.len() - BYTES as usize;
            kept.drain(..excess);
        }
    }

    /// What is kept.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept[kept.len().saturating_sub(BYTES as usize)..].to_vec()
    }
}

/// Hangs up when the command has ended.
pub(super) type Ended = Arc<OwnedFd>;

/// Bytes that a way may hold of a command that ended: pipes hold at most this unless an administrator asks for more (pipe(7)).
const HELD: usize = 1024 * 1024;

/// What a command writes one of its streams to, and where that is read: a pseudo-terminal where ours is a terminal and there is one, so that the command keeps its colours; else a pipe.
pub(super) fn way(ours: &(impl AsFd + IsTerminal)) -> std::io::Result<(Stdio, File)> {
    if ours.is_terminal()
        && let Ok(way) = terminal(ours)
    {
        return Ok(way);
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
    // Our own terminal turns line ends into what it needs: done twice they would be wrong.
    let mut settings = tcgetattr(&slave)?;
    settings.make_raw();
    tcsetattr(&slave, OptionalActions::Now, &settings)?;
    same_size(ours, &slave);
    Ok((slave.into(), File::from(master)))
}

/// Makes a terminal as large as ours.
pub(super) fn same_size(ours: &impl AsFd, terminal: &File) {
    if let Ok(size) = tcgetwinsize(ours) {
        let _ = tcsetwinsize(terminal, size);
    }
}

/// Passes on what comes until it ends. A process that the command left behind may hold the stream open for ever: of a command that
/// ended, what it has said by then is passed on.
pub(super) fn pass_on(
    mut way: File,
    ended: Ended,
    end: End,
    mut to: impl Write + Send + 'static,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let (mut buffer, mut left) = (vec![0; 64 * 1024], HELD);
        while let Ok((readable, over)) = what_happened(&way, &ended) {
            if !readable && over || left == 0 {
                break;
            }
            if !readable {
                continue;
            }
            // A pseudo-terminal that nobody writes to any more ends in an error.
            let Ok(length @ 1..) = way.read(&mut buffer) else { break };
            if over {
                left = left.saturating_sub(length);
            }
            end.keep(&buffer[..length]);
            let written = to.write_all(&buffer[..length]).and_then(|()| to.flush());
            // Who reads us is gone, which the command learns as it would without us. Of a full disk it does not learn.
            if written.is_err_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe) {
                break;
            }
        }
    })
}

/// Waits; says whether there is something to read, or an end of it, and whether the command has ended.
fn what_happened(way: &File, ended: &Ended) -> std::io::Result<(bool, bool)> {
    let mut polled = [PollFd::new(way, PollFlags::IN), PollFd::new(ended, PollFlags::empty())];
    match poll(&mut polled, None) {
        Ok(_) => Ok((!polled[0].revents().is_empty(), !polled[1].revents().is_empty())),
        Err(Errno::INTR) => Ok((false, false)),
        Err(error) => Err(error.into()),
    }
}
