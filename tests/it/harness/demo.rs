//! `logcenter demo`, as a process.

use super::process::binary;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub(crate) struct Demo {
    child: Child,
    pub(crate) dashboard: String,
    pub(crate) api: String,
}

impl Demo {
    /// Starts a demo in which nothing happens after its week.
    pub(crate) fn start() -> Self {
        let mut child = Command::new(binary())
            .args(["demo", "--still"])
            .env("LOGCENTER_LISTEN", "127.0.0.1:0")
            .env("LOGCENTER_DASHBOARD_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines: Vec<String> =
            BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).take(4).collect();
        let after = |word: &str| {
            let address = lines.iter().find_map(|line| line.trim().strip_prefix(word));
            address.unwrap_or_else(|| panic!("the demo does not start: {lines:?}")).trim().to_owned()
        };
        Self { dashboard: after("Dashboard"), api: after("API"), child }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
