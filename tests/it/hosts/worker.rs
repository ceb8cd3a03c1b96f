//! A program with `eyre`, `color-eyre`, `error-stack` and `snafu`.

use super::failures::{Expected, check, one};
use crate::harness::host;
use serde_json::json;

pub(super) fn expected() -> Vec<Expected> {
    let nowhere = ("", 0);
    vec![
        one(
            "snafu",
            ("main.rs", "snafu"),
            ("std::io::Error", "No such file or directory (os error 2) (the job nightly cannot be read)"),
            &["the job nightly cannot be read", "No such file or directory (os error 2)"],
            nowhere,
        ),
        one(
            "error-stack",
            ("main.rs", "error-stack"),
            ("worker_host::Stalled", "invalid digit found in string (the queue stalled)"),
            &["the queue stalled", "invalid digit found in string"],
            nowhere,
        ),
        // The hook of color-eyre replaced ours, which wrapped it in turn.
        one("thread", ("main.rs", "thread"), ("panic", "the thread is lost"), &[], nowhere),
        one(
            "outside",
            ("../../outside/src/lib.rs", "outside"),
            ("panic", "the library is lost"),
            &[],
            nowhere,
        ),
        one("storm", ("main.rs", "storm"), ("worker_host", "the disk is full"), &[], nowhere).times(5000),
        // What `main` ends with, where it was created.
        one(
            "main",
            ("main.rs", "main"),
            ("std::num::ParseIntError", "invalid digit found in string (the port cannot be read)"),
            &["the port cannot be read", "invalid digit found in string"],
            nowhere,
        ),
    ]
}

#[tokio::test]
async fn each_failure_of_a_worker_is_told_as_it_is() {
    let issues = check(&host::built("worker-host", "dev", ""), "worker-host", &expected(), &[]).await;
    let attached = issues.iter().find(|issue| issue["error"]["type"] == "worker_host::Stalled").unwrap();
    assert_eq!(attached["context"]["attachments"], json!(["job 7"]));
    let last = issues.iter().find(|issue| issue["error"]["type"] == "std::num::ParseIntError").unwrap();
    assert_eq!(last["level"], "CRITICAL");
}

#[tokio::test]
#[ignore = "slow: scripts/test --slow"]
async fn a_build_that_spells_its_paths_otherwise_names_the_same_places() {
    check(&host::built_remapped("worker-host"), "worker-host", &expected(), &[]).await;
}
