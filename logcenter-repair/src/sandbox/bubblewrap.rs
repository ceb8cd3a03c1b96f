//! bubblewrap's arguments.
//!
//! Where the agent is root, two of them are nested: the outer one, as root, builds a file system of what may be seen,
//! wherever it lies; the inner one, as a user that nobody else is, makes the namespaces. So the real user of everything
//! inside is another one, the kernel's limits for a user hold, and folders that only root can enter need not be opened.

use super::inside::ARGUMENT;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// The first of the user IDs that sandboxes use: above what systems assign to people, services and containers.
const FIRST_USER: u32 = 1_900_000_000;

/// Where this program is inside.
const PROGRAM: &str = "/run/logcenter";

/// Where bubblewrap itself is inside of the outer one.
const BUBBLEWRAP: &str = "/run/bwrap";

/// The only places that can be written.
const TREE_SPACE: &str = "/tmp";
const SHARED_MEMORY: &str = "/dev/shm";
const OUT_SPACE: &str = "/task/out";

const SHARED_MEMORY_BYTES: u64 = 256 << 20;
const OUT_BYTES: u64 = 16 << 20;

/// What of the system is shown besides `/usr`.
const SYSTEM: [&str; 5] =
    ["/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/certs", "/etc/ca-certificates", "/etc/localtime"];

/// Folders that are links into `/usr` on most systems.
const LINKED: [&str; 5] = ["/bin", "/sbin", "/lib", "/lib32", "/lib64"];

/// A file or folder that the sandbox shows, read-only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
}

impl Shown {
    pub(crate) fn at(from: impl Into<PathBuf>, to: impl Into<PathBuf>) -> Self {
        Self { from: from.into(), to: to.into() }
    }

    pub(crate) fn itself(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self { from: path.clone(), to: path }
    }
}

/// The command that makes a sandbox.
///
/// # Errors
/// bubblewrap is not installed.
pub(super) fn command(program: &Path, shown: &[Shown], bytes: u64, has_out: bool) -> Result<Command, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let bubblewrap = std::env::split_paths(&path).find_map(|folder| folder.join("bwrap").canonicalize().ok());
    let bubblewrap = bubblewrap.ok_or("bwrap was not found: install it (apt-get install bubblewrap)")?;
    let mut all = vec![Shown::itself("/usr"), Shown::at(program, PROGRAM)];
    all.extend(SYSTEM.iter().filter(|path| Path::new(path).exists()).map(Shown::itself));
    all.extend(shown.iter().cloned());
    let is_root = nix::unistd::geteuid().is_root();
    let mut arguments: Vec<OsString> = Vec::new();
    if is_root {
        all.push(Shown::at(&bubblewrap, BUBBLEWRAP));
        let user = (FIRST_USER + std::process::id() % 1_000_000).to_string();
        layout(&mut arguments, &all, None);
        extend(
            &mut arguments,
            &["--bind", "/proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", "/tmp"],
        );
        extend(&mut arguments, &["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]);
        extend(&mut arguments, &["--clearenv", "--die-with-parent", "--", "/usr/bin/setpriv"]);
        extend(&mut arguments, &["--reuid", &user, "--regid", &user, "--clear-groups", "--no-new-privs"]);
        extend(&mut arguments, &["--inh-caps=-all", "--bounding-set=-all", "--", BUBBLEWRAP]);
        // The outer one has put everything where it belongs.
        all.iter_mut().for_each(|shown| shown.from.clone_from(&shown.to));
    }
    extend(
        &mut arguments,
        &["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"],
    );
    extend(&mut arguments, &["--unshare-cgroup-try", "--uid", "1000", "--gid", "1000", "--disable-userns"]);
    extend(&mut arguments, &["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]);
    layout(&mut arguments, &all, Some((bytes, has_out)));
    extend(&mut arguments, &["--as-pid-1", "--", PROGRAM, ARGUMENT]);
    let mut command = Command::new(bubblewrap);
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").args(arguments).current_dir("/");
    // A signal from the terminal is the agent's to handle.
    command.as_std_mut().process_group(0);
    Ok(command)
}

fn extend(arguments: &mut Vec<OsString>, more: &[&str]) {
    arguments.extend(more.iter().map(OsString::from));
}

/// Where everything is. With the sizes of the file systems that can be written, the rest cannot.
fn layout(arguments: &mut Vec<OsString>, shown: &[Shown], writable: Option<(u64, bool)>) {
    for folder in LINKED {
        match std::fs::read_link(folder) {
            Ok(target) => arguments.extend(["--symlink".into(), target.into(), folder.into()]),
            Err(_) if Path::new(folder).exists() => extend(arguments, &["--ro-bind", folder, folder]),
            Err(_) => {}
        }
    }
    if let Some((bytes, _)) = writable {
        let bytes = bytes.to_string();
        extend(arguments, &["--proc", "/proc", "--dev", "/dev", "--size", &SHARED_MEMORY_BYTES.to_string()]);
        extend(
            arguments,
            &["--tmpfs", SHARED_MEMORY, "--size", &bytes, "--perms", "1777", "--tmpfs", TREE_SPACE],
        );
    }
    let mut shown: Vec<&Shown> = shown.iter().collect();
    shown.sort_by_key(|shown| shown.to.components().count());
    let mut made = BTreeSet::new();
    for Shown { from, to } in &shown {
        let is_within = |path: &Path| shown.iter().any(|other| path.starts_with(&other.to));
        let ancestors: Vec<&Path> = to.ancestors().skip(1).filter(|path| *path != Path::new("/")).collect();
        for folder in ancestors.into_iter().rev().filter(|folder| !is_within(folder)) {
            if folder != Path::new(TREE_SPACE) && made.insert(folder.to_owned()) {
                extend(arguments, &["--perms", "0755", "--dir"]);
                arguments.push(folder.into());
            }
        }
        arguments.extend(["--ro-bind".into(), from.into(), to.into()]);
    }
    if let Some((_, has_out)) = writable {
        if has_out {
            extend(arguments, &["--size", &OUT_BYTES.to_string(), "--perms", "0777", "--tmpfs", OUT_SPACE]);
        }
        extend(arguments, &["--remount-ro", "/dev", "--remount-ro", "/"]);
    }
}
