//! Programs installed by `scripts/test`. A missing one is a failure that names the command.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) const INSTALL: &str = "run scripts/test, which installs it";

/// The folder for what `scripts/test` installs for the tests alone.
pub(crate) fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::env::var_os("LOGCENTER_TEST_TOOLS").map_or_else(|| root.join("target/test-tools"), PathBuf::from)
}

/// A Python with requests, Django, FastAPI and the like.
pub(crate) fn python() -> Command {
    let python = folder().join("python/bin/python");
    assert!(python.exists(), "no {}: {INSTALL}", python.display());
    Command::new(python)
}

/// Bundles a TypeScript file for a browser, as Vite would: `import.meta.env` is filled in.
pub(crate) fn bundle(entry: &Path, out: &Path, log_center_url: &str) {
    let modules = folder().join("node/node_modules");
    let esbuild = modules.join(".bin/esbuild");
    assert!(esbuild.exists(), "no {}: {INSTALL}", esbuild.display());
    let output = Command::new(esbuild)
        .arg(entry)
        .args(["--bundle", "--format=iife"])
        .arg(format!("--define:import.meta.env.VITE_LOG_CENTER_URL=\"{log_center_url}\""))
        .arg("--define:import.meta.env.MODE=\"production\"")
        .arg(format!("--outfile={}", out.display()))
        .env("NODE_PATH", modules)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The axe-core script, which checks a page's accessibility.
pub(crate) fn axe() -> PathBuf {
    let axe = folder().join("node/node_modules/axe-core/axe.min.js");
    assert!(axe.exists(), "no {}: {INSTALL}", axe.display());
    axe
}

/// `chromedriver` on the PATH.
pub(crate) fn chromedriver() -> Command {
    let found =
        Command::new("chromedriver").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(found, "no chromedriver: {INSTALL} (apt-get install chromium chromium-driver)");
    Command::new("chromedriver")
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; {INSTALL}"));
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
