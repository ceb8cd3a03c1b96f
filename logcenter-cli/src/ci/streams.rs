//! The output of a command, passed on as it comes, its end kept.

use super::log::BYTES;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Read, Write};
use std::os::fd::AsFd;
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

/// What a command writes one of its streams to, and where that is read: a pseudo-terminal where ours is a terminal, so that the command keeps its colours; else a pipe.
pub(super) fn way(ours: &(impl AsFd + IsTerminal)) -> std::io::Result<(Stdio, File)> {
    if !ours.is_terminal() {
        let (reading, writing) = std::io::pipe()?;
        return Ok((writing.into(), File::from(std::os::fd::OwnedFd::from(reading))));
    }
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
    if let Ok(size) = tcgetwinsize(ours) {
        tcsetwinsize(&slave, size)?;
    }
    Ok((slave.into(), File::from(master)))
}

/// Passes on what comes until it ends.
pub(super) fn pass_on(mut way: File, end: End, mut to: impl Write + Send + 'static) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let (mut buffer, mut heard) = (vec![0; 64 * 1024], true);
        // A pseudo-terminal that nobody writes to any more ends in an error.
        while let Ok(length) = way.read(&mut buffer) {
            if length == 0 {
                break;
            }
            let bytes = &buffer[..length];
            end.keep(bytes);
            // Who reads us may be gone: the command goes on all the same.
            heard = heard && to.write_all(bytes).and_then(|()| to.flush()).is_ok();
        }
    })
}
