//! Which files are tests: those that a fixer must not change.

/// Whether a path is a test's, by the conventions of cargo, pytest, unittest, jest, node and Go.
pub(crate) fn is_test(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    let file = parts.pop().unwrap_or_default().to_lowercase();
    let in_tests = parts.iter().any(|part| {
        let part = part.to_lowercase();
        matches!(part.as_str(), "test" | "tests" | "__tests__" | "spec" | "specs" | "testdata" | "fixtures")
            || matches!(part.as_str(), "snapshots" | "__snapshots__" | "__mocks__" | "e2e")
    });
    let stem = file.split('.').next().unwrap_or_default();
    let has_word = file.contains(".test.") || file.contains(".spec.");
    let named =
        stem.starts_with("test_") || stem.ends_with("_test") || stem.ends_with("_tests") || stem == "tests";
    in_tests || named || has_word || stem == "test" || stem == "conftest"
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
