//! Every way in which an error becomes a failed response, in every kind of build: same file and line, same fingerprint.

use crate::harness::Center;
use crate::harness::program::{built, built_as, marked, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const TABLE: &str = "tests/probe/src/table.rs";
const PANICS: &str = "tests/probe/src/panics.rs";

/// The markers, and the error type reported at each.
const MARKED: &[(&str, &str)] = &[
    ("plain", "std::num::ParseIntError"),
    ("in_async", "std::num::ParseIntError"),
    ("deepest", "std::num::ParseIntError"),
    ("through_anyhow", "std::num::ParseIntError"),
    ("plain_anyhow", "std::num::ParseIntError"),
    ("into_by_hand", "std::num::ParseIntError"),
    ("by_closure", "std::num::ParseIntError"),
    ("by_status", "std::num::ParseIntError"),
    ("from_text", "Error"),
    ("own_error", "std::num::ParseIntError"),
    ("logged", "probe::table"),
    ("in_span", "Http500"),
    ("derived", "std::num::ParseIntError"),
];

/// Runs the table. Returns the issues by location, or by type where the location is unknown.
async fn table(program: &Path) -> BTreeMap<String, Value> {
    let center = Center::start().await;
    let (program, base) = (program.to_owned(), center.base.clone());
    let output = tokio::task::spawn_blocking(move || run(&program, &base, &["table"])).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut found = BTreeMap::new();
    for issue in center.issues("").await {
        let error = &issue["error"];
        let at = match error["line_number"].as_u64() {
            Some(line) => format!("{}:{line}", error["file_path"].as_str().unwrap()),
            None => error["type"].as_str().unwrap().to_owned(),
        };
        assert!(found.insert(at, issue.clone()).is_none(), "{issue}");
    }
    found
}

fn at(file: &str, what: &str) -> String {
    format!("{file}:{}", marked(file, what))
}

/// What every build must report.
fn check(found: &BTreeMap<String, Value>, build: &str) {
    for (what, error_type) in MARKED {
        let issue = found.get(&at(TABLE, what)).unwrap_or_else(|| panic!("{build}: no {what} in {found:#?}"));
        assert_eq!(issue["error"]["type"], *error_type, "{build}: {what}");
    }
    // One issue per route, whatever its parameters.
    assert_eq!(found["Http500 GET /silent/{id}"]["count"], 2, "{build}");
    assert_eq!(found.len(), MARKED.len() + 2, "{build}: {found:#?}");
    for place in found.keys().filter(|place| place.contains(".rs:")) {
        assert!(place.starts_with(TABLE), "{build}: {place}");
    }
}

#[tokio::test]
async fn a_debug_build_names_the_line_even_where_only_a_stack_tells() {
    let found = table(&built("probe")).await;
    check(&found, "debug");
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("probe/src/table.rs")).unwrap();
    let line = text.lines().position(|line| line.contains("// by_name")).unwrap() + 1;
    let issue = &found[&format!("{TABLE}:{line}")];
    assert_eq!(issue["error"]["type"], "std::num::ParseIntError");
}

/// Each build, and how it differs from cargo's release profile, which has no debug information.
const BUILDS: &[(&str, &[&str])] = &[
    ("default", &[]),
    ("stripped", &[]),
    ("line-tables", &["debug='line-tables-only'", "package.'*'.debug=false"]),
    ("fat-lto", &["lto='fat'", "codegen-units=1"]),
    ("abort", &["panic='abort'"]),
];

#[tokio::test]
async fn every_release_build_names_the_same_lines() {
    let debug = table(&built("probe")).await;
    let folder = tempfile::tempdir().unwrap();
    for (build, settings) in BUILDS {
        let program = folder.path().join(build);
        std::fs::copy(built_as("probe", "probe", settings), &program).unwrap();
        if *build == "stripped" {
            assert!(Command::new("strip").arg("--strip-all").arg(&program).status().unwrap().success());
        }
        let found = table(&program).await;
        check(&found, build);
        for (what, _) in MARKED {
            let place = at(TABLE, what);
            assert_eq!(found[&place]["fingerprint"], debug[&place]["fingerprint"], "{build}: {what}");
        }
        // Without line numbers in its stack traces, a build reports type and route.
        let by_route = found.contains_key("std::num::ParseIntError GET /by_name");
        assert_eq!(by_route, *build != "line-tables", "{build}: {:#?}", found.keys());
        panic(&program, build).await;
        doctor(&program, build);
    }
}

/// The doctor distinguishes the builds.
fn doctor(program: &Path, build: &str) {
    let output = run(program, "http://127.0.0.1:1", &["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected = match build {
        "line-tables" => "stacks name functions, files and lines",
        "stripped" => "stacks are empty",
        _ => "stacks name functions, but no lines: add `debug = \"line-tables-only\"`",
    };
    assert!(said.starts_with(expected), "{build}: {said}");
}

/// Every build reports a panic, even one that aborts on it.
async fn panic(program: &Path, build: &str) {
    use std::os::unix::process::ExitStatusExt;
    let center = Center::start().await;
    let (program, base) = (program.to_owned(), center.base.clone());
    let output = tokio::task::spawn_blocking(move || run(&program, &base, &["panic"])).await.unwrap();
    let signal = output.status.signal();
    assert_eq!(signal, (build == "abort").then_some(libc::SIGABRT), "{build}: {output:?}");
    let issues = center.issues("").await;
    assert_eq!(issues.len(), 1, "{build}: {issues:#?}");
    assert_eq!(issues[0]["error"]["file_path"], PANICS, "{build}");
    assert_eq!(issues[0]["error"]["line_number"], marked(PANICS, "caught"), "{build}");
    assert_eq!(
        issues[0]["error"]["message"], "index out of bounds: the len is 0 but the index is 7",
        "{build}"
    );
    assert_eq!(issues[0]["level"], if signal.is_some() { "CRITICAL" } else { "ERROR" });
}

/// A build has one `libsqlite3-sys`, and a host may need another version of it than ours.
#[test]
fn with_postgres_alone_the_server_links_no_sqlite() {
    let tree = |features: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "tree",
            "--locked",
            "--offline",
            "-p",
            "logcenter-server",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ]);
        String::from_utf8(crate::harness::tools::run(cargo.args(features)).stdout).unwrap()
    };
    assert!(tree(&[]).contains("libsqlite3-sys"));
    let alone = tree(&["--no-default-features", "--features", "postgres"]);
    assert!(alone.contains("tokio-postgres") && !alone.contains("sqlite"), "{alone}");
}
