//! Which files are tests: those that a fixer must not change.

const FOLDERS: [&str; 11] = [
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "testdata",
    "fixtures",
    "snapshots",
    "__snapshots__",
    "__mocks__",
    "e2e",
];

/// How the names of files (without what follows the first dot) and folders end.
const ENDINGS: [&str; 6] = ["_test", "_tests", "-test", "-tests", "_spec", ".tests"];

/// How the names of folders begin that hold what tests share.
const BEGINNINGS: [&str; 4] = ["test-", "test_", "testing", "testutil"];

/// Whether a path is a test's, by the conventions of cargo, pytest, unittest, jest, node and Go.
pub(crate) fn is_test(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    let file = parts.pop().unwrap_or_default().to_lowercase();
    let in_tests = parts.iter().map(|part| part.to_lowercase()).any(|part| {
        FOLDERS.contains(&part.as_str())
            || ENDINGS.iter().any(|ending| part.ends_with(ending))
            || BEGINNINGS.iter().any(|beginning| part.starts_with(beginning))
    });
    let stem = file.split('.').next().unwrap_or_default();
    let has_word = file.contains(".test.") || file.contains(".spec.");
    let named = stem.starts_with("test_")
        || stem.starts_with("test-")
        || ENDINGS.iter().any(|ending| stem.ends_with(ending));
    let is_one = matches!(stem, "test" | "tests" | "spec" | "conftest")
        || (stem.starts_with("test") && file.ends_with(".py"));
    in_tests || has_word || named || is_one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_known_by_their_names() {
        for path in [
            "tests/it/main.rs",
            "src/tests.rs",
            "app/test_views.py",
            "app/views_test.py",
            "pkg/a_test.go",
            "src/x.test.ts",
            "src/x.spec.js",
            "src/__tests__/x.js",
            "test/fixtures/a.json",
            "conftest.py",
            "test.js",
            "x-test.js",
            "test-x.js",
            "testcart.py",
            "cart_spec.rb",
            "Shop.Tests/Cart.cs",
            "integration_test/app.dart",
            "test-support/src/lib.rs",
            "testutils/src/lib.rs",
        ] {
            assert!(is_test(path), "{path}");
        }
        for path in [
            "src/lib.rs",
            "app/views.py",
            "src/latest.rs",
            "src/contest.py",
            "attest/x.rs",
            "src/testing_ground.rs",
        ] {
            assert!(!is_test(path), "{path}");
        }
    }
}
