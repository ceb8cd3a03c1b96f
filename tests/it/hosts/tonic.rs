//! A tonic service with its own error enum.

use super::failures::{Expected, check, one};
use crate::harness::host;

const NO_FILE: &str = "No such file or directory (os error 2)";

/// Requests that must leave no report.
pub(super) const SILENT: &[&str] = &["/shop.Shop/Order"];

pub(super) fn expected() -> Vec<Expected> {
    vec![
        one(
            "/shop.Shop/Prices",
            ("main.rs", "prices"),
            ("std::io::Error", "No such file or directory (os error 2) (the prices cannot be read)"),
            &["the prices cannot be read", NO_FILE],
            ("/shop.Shop/Prices", 0),
        ),
        one(
            "/shop.Shop/Stock",
            ("main.rs", "stock"),
            ("std::num::ParseIntError", "invalid digit found in string"),
            &[],
            ("/shop.Shop/Stock", 0),
        ),
        one(
            "/shop.Shop/Internal",
            ("", ""),
            ("GrpcInternal POST /shop.Shop/Internal", "the warehouse is closed"),
            &[],
            ("/shop.Shop/Internal", 0),
        ),
        one(
            "/shop.Shop/Logged",
            ("main.rs", "logged"),
            ("tonic_host", "the ledger does not balance (the call failed)"),
            &["the call failed", "the ledger does not balance"],
            ("/shop.Shop/Logged", 0),
        ),
        one(
            "/shop.Shop/Panics",
            ("main.rs", "panics"),
            ("panic", "there is no such item"),
            &[],
            ("/shop.Shop/Panics", 0),
        ),
    ]
}

#[tokio::test]
async fn each_failure_of_a_tonic_service_is_told_as_it_is() {
    check(&host::built("tonic-host", "dev", ""), "tonic-host", &expected(), SILENT).await;
}
