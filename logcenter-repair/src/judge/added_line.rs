//! What an added line must not say.

use super::test_file::is_test;

/// What leaves out the test that it is in.
const SKIPPING: &[&str] = &[
    "@unittest.skip",
    "pytest.mark.skip",
    "pytest.skip(",
    "mark.xfail",
    "expectedfailure",
    "skiptest",
    ".skip(",
    "it.only(",
    "test.only(",
    "describe.only(",
    "xit(",
    "xdescribe(",
    "test.todo(",
    "t.skip",
    "skip: true",
    "todo: true",
    "// eslint-disable",
];

/// What leaves tests out wherever it is.
const CHOOSING: &[&str] = &["#[ignore", "load_tests", "pytest_plugins", "def pytest_"];

/// What ends the run early, as with success.
const ENDING: &[&str] = &[
    "process::exit",
    "process.exit",
    "_exit(",
    "_exit;",
    "import _exit",
    "sys.exit(0",
    "exit(0)",
    "systemexit",
    "process.reallyexit",
    "process::abort",
    "exit as ",
    "::{exit",
    "commandext",
    "execv",
];

/// What asks whether it is being tested, or leaves a test out from within.
const KNOWING: &[&str] = &[
    "pytest_current_test",
    "cfg!(test)",
    "sys.modules",
    "skiptest",
    "pytest.skip",
    "jest_worker_id",
    "vitest",
    "node:test",
    "@jest/globals",
    "import unittest",
    "from unittest",
    "import pytest",
    "from pytest",
    "import doctest",
    "from doctest",
    "node_test_context",
    "nextest",
    "rust_test_threads",
    "thread::current().name",
    "current_exe",
    "__doc__",
    "__test__",
];

/// Why a line may not be added to a file.
pub(super) fn refused(path: &str, added: &str) -> Option<String> {
    let line: String = added.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(word) = ENDING.iter().find(|word| line.contains(**word)) {
        return Some(format!("{path} ends the program: {word}"));
    }
    if let Some(word) = KNOWING.iter().find(|word| line.contains(**word)).filter(|_| !is_test(path)) {
        return Some(format!("{path} behaves differently in tests: {word}"));
    }
    let words = CHOOSING.iter().chain(SKIPPING.iter().filter(|_| is_test(path)));
    let word = words.into_iter().find(|word| line.contains(**word))?;
    Some(format!("{path} leaves out tests: {word}"))
}
