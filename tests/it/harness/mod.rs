//! Shared infrastructure of the tests.

pub(crate) mod browser;
mod center;
pub(crate) mod cluster;
pub(crate) mod demo;
pub(crate) mod double;
pub(crate) mod forge;
pub(crate) mod host;
mod http;
pub(crate) mod listening;
pub(crate) mod postgres;
mod process;
pub(crate) mod program;
pub(crate) mod snippets;
mod store;
pub(crate) mod tools;

pub(crate) use center::{Center, Options};
pub(crate) use http::{Answer, Http};
pub(crate) use process::{Process, binary};

use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long to wait for a condition.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `holds` returns something.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, holds: impl FnMut() -> F) -> T {
    eventually_within(PATIENCE, what, holds).await
}

/// Waits until `holds` returns something, for as long as that may take.
pub(crate) async fn eventually_within<T, F: Future<Output = Option<T>>>(
    patience: Duration,
    what: &str,
    mut holds: impl FnMut() -> F,
) -> T {
    let begin = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    loop {
        ticks.tick().await;
        if let Some(value) = holds().await {
            return value;
        }
        assert!(begin.elapsed() < patience, "waited in vain: {what}");
    }
}

/// A runtime report; each `line` is a different issue.
pub(crate) fn report(line: u64) -> Value {
    json!({
        "project_id": "rtc_backend",
        "environment": "production",
        "level": "ERROR",
        "error": {
            "type": "ValueError",
            "message": format!("wrong at {line}"),
            "file_path": "apps/users/views.py",
            "line_number": line,
            "stack_trace": ["Traceback", format!("  line {line}")],
        },
        "context": {"url": "/api/users/123"},
    })
}

/// `base` overwritten with the fields of `more`.
pub(crate) fn with(mut base: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("{more} is no object") };
    for (key, value) in more {
        base[key] = value;
    }
    base
}
