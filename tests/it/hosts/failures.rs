//! Failures of services in the shapes that people write them, and the report that each must be.

use crate::harness::Center;
use crate::harness::program::{marked, run};
use serde_json::{Map, Value};
use std::fmt::Write;
use std::path::Path;

/// What must be reported of a request, or of a program's run.
pub(super) struct Expected {
    /// The path that is requested; empty if one before it is meant.
    pub(super) path: &'static str,
    /// File below the host's folder and marker; empty if no line can be known.
    pub(super) place: (&'static str, &'static str),
    /// The type and the message.
    pub(super) title: (&'static str, &'static str),
    /// The messages of the chain, outermost first; empty if the error has no source.
    pub(super) chain: &'static [&'static str],
    /// The route and the status; empty and 0 if it is outside a request.
    pub(super) request: (&'static str, u64),
    /// How often it happens.
    count: u64,
}

impl Expected {
    pub(super) const fn times(self, count: u64) -> Self {
        Self { count, ..self }
    }
}

/// One expectation, in the order of its fields.
pub(super) const fn one(
    path: &'static str,
    place: (&'static str, &'static str),
    title: (&'static str, &'static str),
    chain: &'static [&'static str],
    request: (&'static str, u64),
) -> Expected {
    Expected { path, place, title, chain, request, count: 1 }
}

/// Runs a host and compares each issue on the server with what is expected, and their number.
pub(super) async fn check(
    program: &Path,
    package: &str,
    expected: &[Expected],
    silent: &[&str],
) -> Vec<Value> {
    let center = Center::start().await;
    let (program, base) = (program.to_owned(), center.base.clone());
    let paths = expected.iter().map(|one| one.path).chain(silent.iter().copied());
    let paths: Vec<String> = paths.filter(|path| !path.is_empty()).map(str::to_owned).collect();
    let ended = tokio::task::spawn_blocking(move || {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        run(&program, &base, &paths)
    });
    let output = ended.await.unwrap();
    let mut issues = Vec::new();
    for issue in center.issues("limit=200").await {
        issues.push(center.get(&format!("/api/v1/issues/{}", issue["id"])).await.ok());
    }
    let mut wrong = String::new();
    let mut left = issues.clone();
    for one in expected {
        let wanted = one.describe(package);
        let found = left.iter().position(|issue| describe(issue) == wanted);
        match found {
            Some(at) => drop(left.remove(at)),
            None => writeln!(wrong, "missing    {wanted}").unwrap(),
        }
    }
    for issue in &left {
        writeln!(wrong, "unexpected {}", describe(issue)).unwrap();
    }
    assert!(wrong.is_empty(), "{package}:\n{wrong}\n{output:?}");
    issues
}

impl Expected {
    fn describe(&self, package: &str) -> String {
        let (file, marker) = self.place;
        let place = if file.is_empty() {
            "nowhere".into()
        } else {
            // What a host's workspace calls its files.
            let folder = package.trim_end_matches("-host");
            let line = |path: String| marked(&path, marker);
            match file.strip_prefix("../../") {
                Some(outside) => format!("../{outside}:{}", line(format!("tests/{outside}"))),
                None => format!("{folder}/src/{file}:{}", line(format!("tests/hosts/{folder}/src/{file}"))),
            }
        };
        let (error_type, message) = self.title;
        let (route, status) = self.request;
        format!("{place} | {error_type} | {message} | {:?} | {route} {status} | {}", self.chain, self.count)
    }
}

/// An issue, in the words of [`Expected`].
fn describe(issue: &Value) -> String {
    let error = &issue["error"];
    let place = match (&error["file_path"], &error["line_number"]) {
        (Value::String(file), Value::Number(line)) => format!("{file}:{line}"),
        _ => "nowhere".into(),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let chain: Vec<_> =
        issue["context"]["chain"].as_array().into_iter().flatten().map(|one| text(&one["message"])).collect();
    let none = Map::new();
    let request = issue["context"]["request"].as_object().unwrap_or(&none);
    let route = request.get("route").or(request.get("path")).map(text).unwrap_or_default();
    let status = request.get("status").and_then(Value::as_u64).unwrap_or(0);
    format!(
        "{place} | {} | {} | {chain:?} | {route} {status} | {}",
        text(&error["type"]),
        text(&error["message"]),
        issue["count"]
    )
}

/// The frames of a stack that are the host's own.
pub(super) fn own_frames(issue: &Value) -> Vec<String> {
    let stack = issue["error"]["stack_trace"].as_array().into_iter().flatten();
    let frames = stack.map(|frame| frame.as_str().unwrap().to_owned());
    frames.filter(|frame| !frame.contains(" at dep:") && !frame.contains(" at std:")).collect()
}
