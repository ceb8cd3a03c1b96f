//! A service that has not moved to axum 0.8.

use super::failures::{check, one};
use crate::harness::host;

#[tokio::test]
async fn axum_0_7_tells_routes_and_lines() {
    let expected = [
        one(
            "/prices/7",
            ("main.rs", "prices"),
            ("std::io::Error", "No such file or directory (os error 2)"),
            &[],
            ("/prices/:id", 500),
        ),
        one(
            "/silent/7",
            ("", ""),
            ("Http502 GET /silent/:id", "the handler answered 502 Bad Gateway and did not say why"),
            &[],
            ("/silent/:id", 502),
        ),
    ];
    check(&host::built("axum-07-host", "dev", ""), "axum-07-host", &expected, &[]).await;
}
