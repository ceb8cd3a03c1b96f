//! What is told does not depend on the build.

use super::failures::check;
use super::{actix, axum, tonic, worker};
use crate::harness::host;

#[tokio::test]
#[ignore = "slow: scripts/test --slow"]
async fn release_builds_without_debug_information_tell_the_same() {
    for (package, expected, silent) in [
        ("actix-host", actix::expected(), actix::SILENT),
        ("axum-host", axum::expected(), axum::SILENT),
        ("tonic-host", tonic::expected(), tonic::SILENT),
        ("worker-host", worker::expected(), &[]),
    ] {
        let issues = check(&host::built(package, "release", ""), package, &expected, silent).await;
        for issue in &issues {
            let first = issue["error"]["stack_trace"][0].as_str().unwrap_or_default();
            for machinery in ["std", "core", "tracing", "logcenter", "__rust", "backtrace"] {
                assert!(!first.trim_start_matches('<').starts_with(machinery), "{issue:#}");
            }
        }
    }
}
