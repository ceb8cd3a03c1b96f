//! An axum service with an error enum of `thiserror`, `sqlx`, `anyhow` and `tracing`.

use super::failures::{Expected, check, one, own_frames};
use crate::harness::host;
use serde_json::{Value, json};

const NO_FILE: &str = "No such file or directory (os error 2)";

/// Requests that must leave no report.
pub(super) const SILENT: &[&str] = &["/missing", "/healthz", "/streamed"];

pub(super) fn expected() -> Vec<Expected> {
    vec![
        one(
            "/articles/7",
            ("shop.rs", "article"),
            ("sqlx::Error", "(code: 1) no such table: article"),
            &[
                "error returned from database: (code: 1) no such table: article",
                "(code: 1) no such table: article",
            ],
            ("/articles/{id}", 500),
        ),
        one(
            "/authors/1",
            ("shop.rs", "author"),
            ("sqlx::Error", "(code: 1) no such table: author"),
            &[
                "error returned from database: (code: 1) no such table: author",
                "(code: 1) no such table: author",
            ],
            ("/authors/{id}", 500),
        ),
        one(
            "/retried",
            ("shop.rs", "retried"),
            ("sqlx::Error", "(code: 1) no such table: fallback"),
            &[
                "error returned from database: (code: 1) no such table: fallback",
                "(code: 1) no such table: fallback",
            ],
            ("/retried", 500),
        ),
        one("/imported", ("shop.rs", "imported"), ("std::io::Error", NO_FILE), &[], ("/imported", 500)),
        one(
            "/nested",
            ("shop.rs", "nested"),
            ("std::io::Error", "No such file or directory (os error 2) (the prices cannot be read)"),
            &["the prices cannot be read", NO_FILE],
            ("/nested", 500),
        ),
        one("/wrapped", ("anyhow_style.rs", "wrapped"), ("std::io::Error", NO_FILE), &[], ("/wrapped", 500)),
        one(
            "/contexts",
            ("anyhow_style.rs", "contexts"),
            ("std::num::ParseIntError", "invalid digit found in string (loading order 7)"),
            &["loading order 7", "invalid digit found in string"],
            ("/contexts", 500),
        ),
        one(
            "/instrumented",
            ("layers.rs", "repository"),
            ("axum_host::layers", "connection 7 refused"),
            &[],
            ("/instrumented", 500),
        ),
        one(
            "/logged",
            ("layers.rs", "logged"),
            (
                "axum_host::layers",
                "invalid digit found in string (the handler failed: the stock cannot be read)",
            ),
            &[
                "the handler failed",
                "no order: invalid digit found in string",
                "the stock cannot be read",
                "invalid digit found in string",
            ],
            ("/logged", 500),
        ),
        one(
            "/unrelated",
            ("layers.rs", "cache"),
            ("axum_host::layers", "the cache is cold"),
            &[],
            ("/unrelated", 0),
        ),
        one("", ("layers.rs", "queue"), ("axum_host::layers", "the queue is full"), &[], ("/unrelated", 500)),
        one(
            "/blocking",
            ("background.rs", "blocking"),
            ("panic", "the image is too large"),
            &[],
            ("/blocking", 500),
        ),
        one("/joined", ("background.rs", "joined"), ("panic", "the task is lost"), &[], ("/joined", 500)),
        one(
            "/unwrapped",
            ("background.rs", "unwrapped"),
            ("panic", "nobody expected this"),
            &[],
            ("/unwrapped", 0),
        ),
        one("/rayon", ("background.rs", "rayon"), ("panic", "the sum is wrong"), &[], ("/rayon", 0)),
        one("/carried", ("background.rs", "carried"), ("std::io::Error", NO_FILE), &[], ("/carried", 500)),
        one(
            "/panics",
            ("background.rs", "panics"),
            ("panic", "index out of bounds: the len is 0 but the index is 3"),
            &[],
            ("/panics", 0),
        ),
        one(
            "/extension",
            ("", ""),
            (
                "Http500 GET /extension",
                "Missing request extension: Extension of type `axum_host::bodies::Settings` was not found. Perhaps you forgot to add it? See `axum::Extension`.",
            ),
            &[],
            ("/extension", 500),
        ),
        one("/text", ("", ""), ("Http502 GET /text", "the warehouse does not answer"), &[], ("/text", 502)),
        one("/json", ("", ""), ("Http500 GET /json", "[\"stock\",\"unknown\"]"), &[], ("/json", 500)),
        one(
            "/broken",
            ("", ""),
            ("std::io::Error GET /broken", "the export broke off"),
            &[],
            ("/broken", 200),
        ),
        one(
            "/slow",
            ("", ""),
            ("Http408 GET /slow", "the handler took longer than the service allows"),
            &[],
            ("/slow", 408),
        ),
        one(
            "/debug-field",
            ("logs.rs", "debug_field"),
            ("axum_host::logs", "Declined { code: 7 }"),
            &[],
            ("/debug-field", 500),
        ),
        one(
            "/display-field",
            ("logs.rs", "display_field"),
            ("axum_host::logs", "card declined (charge failed)"),
            &["charge failed", "card declined"],
            ("/display-field", 500),
        ),
        one("/scoped", ("logs.rs", "scoped"), ("std::io::Error", NO_FILE), &[], ("/scoped", 500)),
    ]
}

fn with_message<'a>(issues: &'a [Value], file: &str, message: &str) -> &'a Value {
    let is_it = |issue: &&Value| {
        issue["error"]["message"] == message && issue["error"]["file_path"] == format!("axum/src/{file}")
    };
    issues.iter().find(is_it).unwrap()
}

#[tokio::test]
async fn each_failure_of_an_axum_service_is_told_as_it_is() {
    let issues = check(&host::built("axum-host", "dev", ""), "axum-host", &expected(), SILENT).await;

    let scoped = &with_message(&issues, "logs.rs", NO_FILE)["context"];
    assert_eq!(scoped["user"], json!({"id": "42"}));
    assert_eq!(scoped["tags"], json!({"tenant": "acme"}));
    assert_eq!(scoped["spans"], json!({"charge": {"order": 7}}));
    let lines = |context: &Value| -> Vec<(Value, Value)> {
        let lines = context["breadcrumbs"].as_array().unwrap().iter();
        lines.map(|line| (line["level"].clone(), line["text"].clone())).collect()
    };
    assert_eq!(
        lines(scoped),
        [
            (json!("INFO"), json!("signed in")),
            (json!("INFO"), json!("order received broken=")),
            (json!("WARN"), json!("charging again attempt=2"))
        ]
    );
    let panic =
        with_message(&issues, "background.rs", "index out of bounds: the len is 0 but the index is 3");
    assert_eq!(lines(&panic["context"]), [(json!("INFO"), json!("about to charge order=7"))]);

    // The stack is that of the `?`, not of the response that was made from the error.
    let article = with_message(&issues, "shop.rs", "(code: 1) no such table: article");
    let frames = own_frames(article);
    assert!(frames[0].contains("axum/src/shop.rs"), "{frames:?}");
    assert!(frames.iter().all(|frame| !frame.contains("into_response")), "{frames:?}");
}
