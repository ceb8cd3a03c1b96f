//! A browser that reads the pages.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use std::time::Instant;
use tower::ServiceExt;

/// Milliseconds until the page is complete, and its size in bytes as sent.
pub(crate) async fn visit(router: &Router, path: &str) -> (f64, usize) {
    let request = Request::get(path).header("host", "localhost").header("accept-encoding", "gzip");
    let request = request.body(Body::empty()).expect("a request");
    let begin = Instant::now();
    let answer = router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let bytes = answer.into_body().collect().await.expect("a page").to_bytes().len();
    (begin.elapsed().as_secs_f64() * 1000.0, bytes)
}
