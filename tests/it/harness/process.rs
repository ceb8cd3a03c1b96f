//! The real binary, as a process that can be stopped and killed.

use super::Http;
use super::store::Kind;
use std::io::{BufRead, BufReader, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

/// The binary, built in the same profile as the tests.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| super::program::built("logcenter"))
}

pub(crate) struct Process {
    child: Child,
    http: Http,
    pub(crate) dashboard: Http,
    pub(crate) greeting: String,
}

impl Process {
    /// Serves the database in `folder` on its own ports.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// Serves at an address that clients know already.
    pub(crate) fn start_at(folder: &Path, address: &str) -> Self {
        Self::start_with(folder, &["--listen", address])
    }

    pub(crate) fn start_with(folder: &Path, args: &[&str]) -> Self {
        Self::start_logging_to(Stdio::piped(), folder, args)
    }

    pub(crate) fn start_logging_to(stderr: Stdio, folder: &Path, args: &[&str]) -> Self {
        Self::start_as(Command::new(binary()), stderr, folder, args)
    }

    /// Serves the database in `folder`, which becomes a disk of so many bytes that only this process sees.
    pub(crate) fn start_on_a_small_disk(folder: &Path, bytes: u32) -> Self {
        let mut command = Command::new("bwrap");
        command.args(["--die-with-parent", "--dev-bind", "/", "/", "--size", &bytes.to_string(), "--tmpfs"]);
        command.arg(folder).arg(binary());
        Self::start_as(command, Stdio::piped(), folder, &[])
    }

    /// A path on that disk, as others reach it: bubblewrap's child sees it.
    pub(crate) fn on_its_disk(&self, path: &Path) -> PathBuf {
        let id = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        Path::new("/proc").join(children.trim()).join("root").join(path.strip_prefix("/").unwrap())
    }

    fn start_as(mut command: Command, stderr: Stdio, folder: &Path, args: &[&str]) -> Self {
        match Kind::of_this_run() {
            Kind::Sqlite => command.env("LOGCENTER_DATABASE", folder.join("logcenter.db")),
            Kind::Postgres => command.env("LOGCENTER_DATABASE", super::postgres::address_for(folder)),
        };
        Self::start_command(command.arg("serve"), stderr, args)
    }

    /// Serves a database by its address.
    pub(crate) fn start_on(database: &str, args: &[&str]) -> Self {
        Self::start_in(None, database, args)
    }

    /// Serves a database by its address, in a network of its own.
    pub(crate) fn start_in(network: Option<&str>, database: &str, args: &[&str]) -> Self {
        let mut command = match network {
            Some(network) => {
                let mut ip = Command::new("ip");
                ip.args(["netns", "exec", network]).arg(binary());
                ip
            }
            None => Command::new(binary()),
        };
        Self::start_command(command.arg("serve").env("LOGCENTER_DATABASE", database), Stdio::piped(), args)
    }

    fn start_command(command: &mut Command, stderr: Stdio, args: &[&str]) -> Self {
        let mut child = command
            .args(args)
            .env("LOGCENTER_LISTEN", "127.0.0.1:0")
            .env("LOGCENTER_DASHBOARD_LISTEN", "127.0.0.1:0")
            .env("LOGCENTER_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("curl") {
            if output.read_line(&mut greeting).unwrap() == 0 {
                let mut error = String::new();
                child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut error).unwrap());
                panic!("the server does not start: {greeting}{error}");
            }
        }
        let after = |word: &str| {
            let line = greeting.lines().find_map(|line| line.trim().strip_prefix(word)).unwrap();
            Http::new(line.trim())
        };
        Self { http: after("API"), dashboard: after("Dashboard"), child, greeting }
    }

    /// SIGKILL: the process has no chance to clean up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM: the process shuts down by itself.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        self.signal_terminate();
        self.child.wait().unwrap()
    }

    pub(crate) fn signal_terminate(&self) {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(kill.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Deref for Process {
    type Target = Http;

    fn deref(&self) -> &Http {
        &self.http
    }
}
