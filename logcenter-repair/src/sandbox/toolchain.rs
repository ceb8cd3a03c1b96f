//! Finds what commands need: the compilers and interpreters that they name, wherever they lie.

use super::bubblewrap::Shown;
use crate::process::finished;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

const LIMIT: Duration = Duration::from_secs(30);

/// What a project's commands need.
#[derive(Debug, Clone, Default)]
pub(crate) struct Toolchain {
    pub(crate) shown: Vec<Shown>,
    /// Folders of programs, before the system's.
    programs: Vec<PathBuf>,
    /// Commands whose program was not found, or lies where the sandbox does not show it.
    pub(crate) missing: Vec<String>,
}

impl Toolchain {
    /// Finds what these commands need, and adds what the operator allows to be read.
    pub(crate) async fn of(commands: &[&[String]], readable: &[PathBuf]) -> Self {
        let mut found = Self::default();
        for path in readable {
            found.shown.push(Shown::itself(path));
            found
                .programs
                .extend([path.join("bin"), path.clone()].into_iter().filter(|folder| folder.is_dir()));
        }
        for command in commands {
            if let Some(program) = command.first() {
                found.add(program).await;
            }
        }
        found
    }

    async fn add(&mut self, program: &str) {
        // One in the project itself is looked for there.
        if program.contains('/') && !program.starts_with('/') {
            return;
        }
        let path =
            if program.starts_with('/') { Some(program.into()) } else { which(program, &self.programs) };
        let Some(path) = path.filter(|path| path.is_file()) else {
            self.missing.push(format!("{program} was not found: install it, or name its folder in readable"));
            return;
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_python =
            ["python", "pytest", "pip", "tox", "nox"].iter().any(|prefix| name.starts_with(prefix));
        if matches!(name.as_str(), "cargo" | "rustc" | "rustup") {
            self.add_rust(&path).await;
        } else if is_python && !is_shown_anyway(&path) {
            self.add_python(&path).await;
        } else if !is_shown_anyway(&path) {
            self.shown.push(Shown::itself(&path));
            self.programs.extend(path.parent().map(Path::to_owned));
            // An interpreter that is installed somewhere of its own, with its libraries beside it. Only those are shown: what
            // else lies beside a folder named `bin` may be somebody's home.
            let real = path.canonicalize().unwrap_or(path);
            self.shown.push(Shown::itself(&real));
            if let Some(prefix) = real.parent().filter(|bin| bin.ends_with("bin")).and_then(Path::parent) {
                self.show_folder(&prefix.join("lib"));
            }
        }
    }

    /// The toolchain itself, not rustup's stand-ins for it, and what cargo has downloaded.
    async fn add_rust(&mut self, program: &Path) {
        let rustc = program.with_file_name("rustc");
        let Ok(sysroot) = line(&rustc, &["--print", "sysroot"]).await else {
            self.missing
                .push(format!("{} does not work: install Rust, or name it in readable", rustc.display()));
            return;
        };
        let sysroot = PathBuf::from(sysroot);
        self.programs.push(sysroot.join("bin"));
        self.show_folder(&sysroot);
        let home = std::env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
        if let Some(registry) = home.map(|home| home.join("registry")).filter(|registry| registry.is_dir()) {
            self.shown.push(Shown::at(registry, "/tmp/home/.cargo/registry"));
        }
    }

    /// The interpreter and its libraries, at their own path: moved, they do not find each other.
    async fn add_python(&mut self, program: &Path) {
        let beside = ["python", "python3"].map(|name| program.with_file_name(name));
        let python = beside.into_iter().find(|python| python.exists()).unwrap_or_else(|| program.to_owned());
        let ask = "import sys; print(sys.base_prefix, sys.prefix, sep='\\n')";
        let Ok(prefixes) = line(&python, &["-I", "-c", ask]).await else {
            self.missing
                .push(format!("{} does not work: install Python, or name it in readable", python.display()));
            return;
        };
        for prefix in prefixes.lines().rev().map(PathBuf::from) {
            if prefix != Path::new("/usr") {
                self.programs.push(prefix.join("bin"));
                self.show_folder(&prefix);
            }
        }
    }

    fn show_folder(&mut self, folder: &Path) {
        let shown = Shown::itself(folder);
        let holds_a_home = std::env::var_os("HOME").is_some_and(|home| Path::new(&home).starts_with(folder));
        let is_known = is_shown_anyway(folder) || self.shown.contains(&shown);
        if !is_known && !holds_a_home && folder.is_dir() && folder.components().count() > 2 {
            self.shown.push(shown);
        }
    }

    /// The environment of a command with this home, and this folder for what it builds.
    pub(crate) fn environment(&self, home: &Path, scratch: &Path) -> Vec<(String, String)> {
        let system = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
        let programs = self.programs.iter().chain(&system);
        let programs: Vec<String> = programs.map(|folder| folder.to_string_lossy().into_owned()).collect();
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let rows = [
            ("PATH", programs.join(":")),
            ("HOME", text(home.to_owned())),
            ("LANG", "C.UTF-8".into()),
            ("TERM", "dumb".into()),
            ("NO_COLOR", "1".into()),
            ("CARGO_HOME", text(home.join(".cargo"))),
            ("CARGO_NET_OFFLINE", "true".into()),
            // What is built is used once, and lies in memory.
            ("CARGO_INCREMENTAL", "0".into()),
            ("CARGO_PROFILE_DEV_DEBUG", "0".into()),
            ("CARGO_PROFILE_TEST_DEBUG", "0".into()),
            ("CARGO_TARGET_DIR", text(scratch.join("target"))),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
        ];
        rows.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }
}

/// Whether the sandbox shows a path in any case.
fn is_shown_anyway(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real.starts_with("/usr")) && path.starts_with("/usr")
        || ["/bin", "/sbin"].iter().any(|folder| path.starts_with(folder))
}

/// The program that a name means, as the agent's own PATH has it.
fn which(name: &str, first: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = first.iter().cloned().chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// What a program of the machine prints, asked in a folder where no project decides which version it is.
async fn line(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir("/");
    let ended = finished(command, None, LIMIT).await?;
    if ended.status.success() {
        Ok(String::from_utf8_lossy(&ended.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&ended.stderr).trim().to_owned())
    }
}
