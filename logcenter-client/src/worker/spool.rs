//! A folder that keeps reports while the server is unreachable, as files of JSON lines.
//!
//! Each process appends to its own file and holds a lock on it. A file without a lock belongs to a process that has
//! ended; any process that reports to the same server and project finds it by its name and sends it. A line that was
//! sent but not removed is sent twice, but counted once because of its `event_id`.

use crate::clock;
use serde::de::IgnoredAny;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// After writing this many bytes, a process checks how full the folder is.
const LOOK_EVERY: u64 = 64 * 1024;

#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    /// Prefix of the file names for this server and project.
    name: String,
    bytes: u64,
    /// Bytes in the folder when it was last measured, plus what was written since.
    used: u64,
    /// Bytes written since then.
    since: u64,
    own: Option<Own>,
    replay: Option<Replay>,
}

/// The file this process appends to.
#[derive(Debug)]
struct Own {
    path: PathBuf,
    // Locked for as long as it is open.
    file: File,
    length: u64,
}

/// A file that is being sent again, one batch at a time.
#[derive(Debug)]
struct Replay {
    path: PathBuf,
    // Locked for as long as it is open.
    reader: BufReader<File>,
    lines: VecDeque<String>,
}

impl Spool {
    pub(super) fn new(folder: PathBuf, name: String, bytes: u64) -> Self {
        Self { folder, name, bytes, used: 0, since: 0, own: None, replay: None }
    }

    /// Stores a line; returns whether there was room and the write succeeded.
    pub(super) fn keep(&mut self, line: &str) -> bool {
        let size = line.len() as u64 + 1;
        // Measured now and then, and when the folder seems full: other processes write to it and send from it.
        if self.own.is_none() || self.since > LOOK_EVERY || size > self.bytes.saturating_sub(self.used) {
            (self.used, self.since) = (self.measure(), 0);
        }
        if size > self.bytes.saturating_sub(self.used) {
            return false;
        }
        let own = match &mut self.own {
            Some(own) => own,
            None => match create(&self.folder, &self.name) {
                Ok(own) => self.own.insert(own),
                Err(_) => return false,
            },
        };
        // A single write, so that a kill leaves at most one incomplete line.
        if own.file.write_all(format!("{line}\n").as_bytes()).is_ok() {
            own.length += size;
            self.used += size;
            self.since += size;
            return true;
        }
        // A partial write must not become the start of the next line.
        if own.file.set_len(own.length).is_err() {
            self.own = None;
        }
        false
    }

    /// The next lines to send again, if there are any.
    pub(super) fn next(&mut self, max_lines: usize, max_bytes: usize) -> Vec<String> {
        loop {
            if self.replay.is_none() {
                self.replay = self.find();
            }
            let Some(replay) = &mut self.replay else { return Vec::new() };
            replay.fill(max_lines);
            if replay.lines.is_empty() {
                let _ = std::fs::remove_file(&replay.path);
                self.replay = None;
                continue;
            }
            let mut bytes = 0;
            let fitting = replay.lines.iter().take_while(|line| {
                let first = bytes == 0;
                bytes += line.len();
                first || bytes <= max_bytes
            });
            return fitting.cloned().collect();
        }
    }

    /// Marks the first `lines` lines that [`next`](Self::next) returned as done.
    pub(super) fn done(&mut self, lines: usize) {
        if let Some(replay) = &mut self.replay {
            replay.lines.drain(..lines.min(replay.lines.len()));
        }
    }

    /// Finds a file to send: this process's own, or that of a process that has ended.
    fn find(&mut self) -> Option<Replay> {
        // New lines go to another file from now on.
        if let Some(Own { path, mut file, .. }) = self.own.take() {
            file.seek(SeekFrom::Start(0)).ok()?;
            return Some(Replay { path, reader: BufReader::new(file), lines: VecDeque::new() });
        }
        self.files().into_iter().find_map(|path| {
            let file = File::open(&path).ok()?;
            file.try_lock().ok()?;
            Some(Replay { path, reader: BufReader::new(file), lines: VecDeque::new() })
        })
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let ours = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with(&self.name) && name.ends_with(".jsonl")
        };
        let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(ours).collect();
        files.sort();
        files
    }

    fn measure(&self) -> u64 {
        self.remove_unnamed();
        self.files().iter().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum()
    }
}

impl Spool {
    /// Removes files of processes that were killed before the file got its name.
    fn remove_unnamed(&self) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_ours = name.starts_with(&self.name) && name.ends_with(".new");
            let made = entry.metadata().and_then(|metadata| metadata.modified());
            if is_ours && made.is_ok_and(clock::was_long_ago) {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

impl Replay {
    /// Reads on. Skips a last line that a killed process left incomplete.
    fn fill(&mut self, max_lines: usize) {
        while self.lines.len() < max_lines {
            let mut line = Vec::new();
            if self.reader.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Ok(line) = String::from_utf8(line)
                && serde_json::from_str::<IgnoredAny>(&line).is_ok()
            {
                self.lines.push_back(line.trim_end().into());
            }
        }
    }
}

/// Creates a file. It gets its name once it is locked: until then, others would take it for an abandoned one.
fn create(folder: &Path, name: &str) -> std::io::Result<Own> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("{name}-{}-{:016x}.jsonl", std::process::id(), clock::random()));
    let unnamed = path.with_extension("new");
    let mut options = File::options();
    options.create_new(true).read(true).append(true);
    // A program's errors are nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&unnamed)?;
    file.lock()?;
    std::fs::rename(&unnamed, &path)?;
    Ok(Own { path, file, length: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_without_a_name_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("a-1-0.new"), folder.path().join("a-2-0.new"));
        for path in [&old, &new] {
            std::fs::write(path, "").unwrap();
        }
        let hour_ago = File::open(&old).unwrap().metadata().unwrap().modified().unwrap()
            - std::time::Duration::from_secs(3600);
        File::options().write(true).open(&old).unwrap().set_modified(hour_ago).unwrap();
        let mut spool = Spool::new(folder.path().into(), "a".into(), 1000);
        assert!(spool.keep("{}"));
        assert!(!old.exists() && new.exists());
    }

    #[test]
    fn what_is_kept_comes_back_once_and_what_does_not_fit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path().join("spool"), "a".into(), 60);
        assert!(spool.next(10, 1000).is_empty());
        assert!(spool.keep(r#"{"n":1}"#) && spool.keep(r#"{"n":2}"#));
        assert!(!spool.keep(&format!("{{\"long\":\"{}\"}}", "x".repeat(60))));
        assert_eq!(spool.next(1, 1000), [r#"{"n":1}"#]);
        spool.done(1);
        assert!(spool.keep(r#"{"n":3}"#));
        drop(spool);
        // The first line of the first file is sent again: its process ended without removing the file.
        let mut next = Spool::new(folder.path().join("spool"), "a".into(), 1000);
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
        assert_eq!(next.files(), Vec::<PathBuf>::new());
    }

    #[test]
    fn an_unfinished_line_is_left_out_and_a_living_process_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.jsonl"), "{\"n\":1}\n{\"n\":").unwrap();
        let mut living = Spool::new(folder.path().into(), "a".into(), 1000);
        assert!(living.keep(r#"{"n":2}"#));
        let mut other = Spool::new(folder.path().into(), "a".into(), 1000);
        assert_eq!(other.next(10, 1000), [r#"{"n":1}"#]);
        other.done(1);
        assert!(other.next(10, 1000).is_empty());
        // Files of another project are left alone.
        let mut another = Spool::new(folder.path().into(), "b".into(), 1000);
        drop(living);
        assert!(another.next(10, 1000).is_empty());
        assert_eq!(other.next(10, 1000), [r#"{"n":2}"#]);
    }

    #[test]
    fn a_file_that_is_gone_or_empty_is_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path().into(), "a".into(), 1000);
        assert!(spool.keep(r#"{"n":1}"#));
        std::fs::remove_file(&spool.files()[0]).unwrap();
        std::fs::write(folder.path().join("a-empty.jsonl"), "").unwrap();
        assert_eq!(spool.next(10, 1000), [r#"{"n":1}"#]);
        spool.done(1);
        assert!(spool.next(10, 1000).is_empty() && spool.files().is_empty());
        assert!(spool.keep(r#"{"n":2}"#));
        assert_eq!(spool.next(10, 1000), [r#"{"n":2}"#]);
    }
}
