//! An actix service with `ResponseError`, `anyhow` and `tracing-actix-web`.

use super::failures::{Expected, check, one};
use crate::harness::host;

const NO_FILE: &str = "No such file or directory (os error 2)";

/// Requests that must leave no report.
pub(super) const SILENT: &[&str] = &["/busy", "/healthz"];

pub(super) fn expected() -> Vec<Expected> {
    vec![
        one(
            "/subscriptions/x",
            ("shop.rs", "subscribe"),
            (
                "std::num::ParseIntError",
                "invalid digit found in string (Failed to store the confirmation token)",
            ),
            &["Failed to store the confirmation token", "invalid digit found in string"],
            ("/subscriptions/{id}", 500),
        ),
        one(
            "/publish",
            ("shop.rs", "publish"),
            ("std::num::ParseIntError", "invalid digit found in string (Failed to publish)"),
            &["Failed to publish", "invalid digit found in string"],
            ("/publish", 500),
        ),
        one(
            "/unknown",
            ("shop.rs", "unknown"),
            ("std::io::Error", "No such file or directory (os error 2) (the shop does not work)"),
            &["the shop does not work", NO_FILE],
            ("/unknown", 500),
        ),
        one("/closed", ("", ""), ("Closed GET /closed", "the shop does not work"), &[], ("/closed", 500)),
        one("/located", ("shop.rs", "located"), ("std::io::Error", NO_FILE), &[], ("/located", 500)),
        one(
            "/stock",
            ("shop.rs", "stock"),
            ("std::io::Error", NO_FILE),
            &["the stock is unknown: No such file or directory (os error 2)", NO_FILE],
            ("/stock", 500),
        ),
        one("/internal", ("", ""), ("Http500 GET /internal", "the queue is full"), &[], ("/internal", 500)),
        one(
            "/answered",
            ("", ""),
            ("Http502 GET /answered", "the warehouse does not answer"),
            &[],
            ("/answered", 502),
        ),
    ]
}

#[tokio::test]
async fn each_failure_of_an_actix_service_is_told_as_it_is() {
    let issues = check(&host::built("actix-host", "dev", ""), "actix-host", &expected(), SILENT).await;
    for issue in issues {
        let request = &issue["context"]["spans"]["HTTP request"];
        assert!(request.get("http.client_ip").is_none(), "an address is personal: {issue:#}");
    }
}
