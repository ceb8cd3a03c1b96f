//! Builds the programs below tests/hosts.

use super::program;
use std::path::PathBuf;
use std::process::Command;

/// `cargo` for the workspace of hosts.
pub(crate) fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([command, "--quiet", "--locked", "--manifest-path"]);
    cargo.arg(program::root().join("tests/hosts/Cargo.toml"));
    cargo
}

/// Builds a host with some of its features, and returns its path.
pub(crate) fn built(name: &str, profile: &str, features: &str) -> PathBuf {
    // Each set of features has its own folder, so that none is built again when another one was.
    let target = program::target().join("hosts").join(if features.is_empty() { "bare" } else { "with" });
    let mut build = cargo("build");
    build.args(["--package", name, "--profile", profile, "--features", features]);
    assert!(build.arg("--target-dir").arg(&target).status().unwrap().success(), "{name} does not build");
    target.join(if profile == "dev" { "debug" } else { profile }).join(name)
}

/// Builds a host as for distribution: its paths do not tell where it was built.
pub(crate) fn built_remapped(name: &str) -> PathBuf {
    let target = program::target().join("hosts/remapped");
    let mut build = cargo("build");
    build.args(["--package", name, "--target-dir"]).arg(&target);
    build.env("RUSTFLAGS", format!("--remap-path-prefix={}=/build", program::root().display()));
    assert!(build.status().unwrap().success(), "{name} does not build");
    target.join("debug").join(name)
}
