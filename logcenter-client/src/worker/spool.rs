//! A folder that keeps reports while the server cannot be reached: files of JSON lines.
//!
//! Each process appends to a file of its own, and holds a lock on it. A file whose lock is free belongs to a process that ended:
//! whoever finds it sends it. A line that was sent and not removed is sent twice, and counted once, by its `event_id`.

use crate::clock;
use serde::de::IgnoredAny;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    bytes: u64,
    /// What this process appends to.
    own: Option<(PathBuf, File)>,
    /// What is being sent again.
    replay: Option<Replay>,
}

#[derive(Debug)]
struct Replay {
    path: PathBuf,
    // Locked as long as it is held.
    _file: File,
    lines: VecDeque<String>,
}

impl Spool {
    pub(super) fn new(folder: PathBuf, bytes: u64) -> Self {
        Self { folder, bytes, own: None, replay: None }
    }

    /// Keeps a line; whether there was room, and the disk took it.
    pub(super) fn keep(&mut self, line: &str) -> bool {
        let room = self.bytes.saturating_sub(used(&self.folder));
        if line.len() as u64 + 1 > room {
            return false;
        }
        let file = match &mut self.own {
            Some((_, file)) => file,
            None => match create(&self.folder) {
                Ok(own) => &mut self.own.insert(own).1,
                Err(_) => return false,
            },
        };
        // One write, so that a kill leaves at most one line unfinished.
        file.write_all(format!("{line}\n").as_bytes()).is_ok()
    }

    /// The next lines to send again, if there are any.
    pub(super) fn next(&mut self, max_lines: usize, max_bytes: usize) -> Vec<String> {
        if self.replay.is_none() {
            self.replay = self.find();
        }
        let Some(replay) = &self.replay else { return Vec::new() };
        let mut bytes = 0;
        let fitting = replay.lines.iter().take(max_lines).take_while(|line| {
            let first = bytes == 0;
            bytes += line.len();
            first || bytes <= max_bytes
        });
        fitting.cloned().collect()
    }

    /// So many of the lines that [`next`](Self::next) gave are done with.
    pub(super) fn done(&mut self, lines: usize) {
        let Some(replay) = &mut self.replay else { return };
        replay.lines.drain(..lines.min(replay.lines.len()));
        if replay.lines.is_empty() {
            let _ = std::fs::remove_file(&replay.path);
            self.replay = None;
        }
    }

    /// A file to send: this process's own, or one whose process ended.
    fn find(&mut self) -> Option<Replay> {
        // What comes from now on goes into another file.
        if let Some((path, file)) = self.own.take() {
            return Some(Replay { lines: read(&path, self.bytes), path, _file: file });
        }
        for path in files(&self.folder) {
            let Ok(file) = File::open(&path) else { continue };
            if file.try_lock().is_err() {
                continue;
            }
            let lines = read(&path, self.bytes);
            if lines.is_empty() {
                let _ = std::fs::remove_file(&path);
            } else {
                return Some(Replay { path, _file: file, lines });
            }
        }
        None
    }
}

fn create(folder: &Path) -> std::io::Result<(PathBuf, File)> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("{}-{:016x}.jsonl", std::process::id(), clock::random()));
    let mut options = File::options();
    options.create_new(true).append(true);
    // What went wrong in a program is nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path)?;
    file.lock()?;
    Ok((path, file))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect();
    files.sort();
    files
}

fn used(folder: &Path) -> u64 {
    files(folder).iter().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// The whole lines of a file. A process that was killed may have left the last one unfinished.
fn read(path: &Path, max: u64) -> VecDeque<String> {
    let mut bytes = Vec::new();
    let file = File::open(path);
    let _ = file.map(|file| file.take(max).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    let whole = |line: &&str| serde_json::from_str::<IgnoredAny>(line).is_ok();
    text.lines().filter(whole).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_once_and_what_does_not_fit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path().join("spool"), 60);
        assert!(spool.next(10, 1000).is_empty());
        assert!(spool.keep(r#"{"n":1}"#) && spool.keep(r#"{"n":2}"#));
        assert!(!spool.keep(&format!("{{\"long\":\"{}\"}}", "x".repeat(60))));
        assert_eq!(spool.next(1, 1000), [r#"{"n":1}"#]);
        spool.done(1);
        assert!(spool.keep(r#"{"n":3}"#));
        drop(spool);
        // The first line of the first file is sent again: its process ended without removing the file.
        let mut next = Spool::new(folder.path().join("spool"), 1000);
        let mut lines = Vec::new();
        loop {
            let batch = next.next(10, 1000);
            if batch.is_empty() {
                break;
            }
            next.done(batch.len());
            lines.extend(batch);
        }
        lines.sort();
        assert_eq!(lines, [r#"{"n":1}"#, r#"{"n":2}"#, r#"{"n":3}"#]);
        assert_eq!(files(&folder.path().join("spool")), Vec::<PathBuf>::new());
    }

    #[test]
    fn an_unfinished_line_is_left_out_and_a_living_process_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.jsonl"), "{\"n\":1}\n{\"n\":").unwrap();
        let mut living = Spool::new(folder.path().into(), 1000);
        assert!(living.keep(r#"{"n":2}"#));
        let mut other = Spool::new(folder.path().into(), 1000);
        assert_eq!(other.next(10, 1000), [r#"{"n":1}"#]);
        other.done(1);
        assert!(other.next(10, 1000).is_empty());
    }
}
