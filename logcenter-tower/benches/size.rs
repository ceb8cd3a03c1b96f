//! Measures what error reporting adds to the binary of a service that makes HTTPS requests anyway, compared with its
//! peer: `cargo bench -p logcenter-tower --bench size`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and ends when something is wrong"
)]

use logcenter_measure::limit;
use std::path::Path;
use std::process::Command;

/// Size of the stripped binary, in bytes.
fn size(features: &str) -> f64 {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", "dist", "-p", "logcenter-size", "--features", features])
        .args(["--config", "profile.dist.strip='symbols'"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(root)
        .status();
    assert!(built.unwrap().success(), "{features} does not build");
    std::fs::metadata(target.join("dist/logcenter-size")).unwrap().len() as f64
}

fn main() {
    let [bare, ours, graviola, sentry] = ["", "logcenter ring", "logcenter graviola", "sentry"].map(size);
    let mib = |bytes: f64| bytes / (1024.0 * 1024.0);
    println!("\nThe stripped binary of a service that makes HTTPS requests");
    println!("  without error reporting   {:>6.2} MiB", mib(bare));
    println!(
        "  logcenter adds            {:>6.2} MiB, with ring, which the service has already",
        mib(ours - bare)
    );
    println!("  logcenter adds            {:>6.2} MiB, with graviola", mib(graviola - bare));
    println!("  sentry adds               {:>6.2} MiB", mib(sentry - bare));
    limit("logcenter to sentry", (ours - bare) / (sentry - bare), 0.1);
}
