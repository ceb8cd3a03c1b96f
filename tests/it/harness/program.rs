//! Programs that report: the examples, and those of the tests.

use super::Http;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Builds a binary of the workspace in the same profile as the tests.
pub(crate) fn built(binary: &str) -> PathBuf {
    let profile =
        std::env::current_exe().unwrap().ancestors().nth(2).unwrap().file_name().unwrap().to_owned();
    let profile = profile.to_str().unwrap();
    built_as(binary, if profile == "debug" { "dev" } else { profile }, &[])
}

/// The workspace's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The folder that the tests were built in.
pub(crate) fn target() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

/// Builds a binary of the workspace in a profile, with changed settings.
pub(crate) fn built_as(binary: &str, profile: &str, settings: &[&str]) -> PathBuf {
    let target = target();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--bin", binary, "--profile", profile]).current_dir(root());
    for setting in settings {
        build.arg("--config").arg(format!("profile.{profile}.{setting}"));
    }
    build.arg("--target-dir").arg(&target);
    assert!(build.status().unwrap().success(), "{binary} does not build");
    target.join(if profile == "dev" { "debug" } else { profile }).join(binary)
}

/// A service that reports to a server.
pub(crate) struct Service {
    child: Child,
    pub(crate) http: Http,
}

impl Service {
    /// Starts an example service on its own port.
    pub(crate) fn start(example: &str, center: &str, args: &[&str]) -> Self {
        let mut child = command(&built(example), center)
            .arg("127.0.0.1:0")
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        output.read_line(&mut address).unwrap();
        // Drains its output, so that it never blocks on logging.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Self { child, http: Http::new(address.trim()) }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that reports to the server at `center`.
pub(crate) fn command(program: &Path, center: &str) -> Command {
    let mut command = Command::new(program);
    command.env("LOG_CENTER_URL", center).env("ENVIRONMENT", "test").env_remove("LOG_CENTER_KEY");
    command
}

/// Runs a program to completion.
pub(crate) fn run(program: &Path, center: &str, args: &[&str]) -> Output {
    command(program, center).args(args).output().unwrap()
}

/// The number of the line in a source file marked with `// reported: {what}`.
pub(crate) fn marked(file: &str, what: &str) -> u64 {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    let marker = format!("// reported: {what}");
    let at = text.lines().position(|line| line.trim_end().ends_with(&marker));
    at.unwrap_or_else(|| panic!("{file} has no {marker}")) as u64 + 1
}

/// The files below a folder whose names end in `.{kind}`, with their texts.
pub(crate) fn files(folder: &Path, kind: &str) -> Vec<(PathBuf, String)> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == kind) {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(!files.is_empty(), "{} has no .{kind} file", folder.display());
    files
}
