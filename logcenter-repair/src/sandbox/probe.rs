//! Finds out whether sandboxes work here, by making one and trying what it must not allow.

use super::run::{Ended, Job, Sandbox};
use super::toolchain::Toolchain;
use std::path::Path;
use std::time::Duration;

/// Writes outside the tree, reads the agent's folder, connects to this machine: exits 0 if all of it fails.
const FORBIDDEN: &str = "for file in /usr/x /etc/x /x; do touch $file 2>/dev/null && exit 1; done
ls \"$1\" >/dev/null 2>&1 && exit 2
exec 3<>/dev/tcp/127.0.0.1/22 && exit 3
touch /tmp/x || exit 4
[ \"$(id -u)\" = 1000 ] || exit 5
exit 0";

/// Makes a sandbox, and tries to get out.
///
/// # Errors
/// What does not work, and what to do.
pub(crate) async fn probe(sandbox: &Sandbox, work_dir: &Path) -> Result<(), String> {
    let folder = work_dir.join("probe");
    let (base, git) = (folder.join("base"), folder.join("git"));
    for folder in [&base, &git] {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let command = ["/bin/bash", "-c", FORBIDDEN, "probe", &work_dir.to_string_lossy()].map(str::to_owned);
    let job = Job {
        command: &command,
        toolchain: &Toolchain::default(),
        environment: Vec::new(),
        base: &base,
        history: (git.clone(), git.clone()),
        task: None,
        limit: Duration::from_secs(20),
        memory_mb: 256,
        proxy: None,
        take: None,
    };
    let ran = sandbox.run(job).await;
    // What stays behind is empty.
    let _ = std::fs::remove_dir_all(&folder);
    match ran?.ended {
        Ended::Exit(0) => Ok(()),
        Ended::Exit(code) => Err(format!("the sandbox does not hold (probe {code})")),
        other => Err(format!("the sandbox's probe ended with {other:?}")),
    }
}
