//! Tests that live in a source file, which cannot be restored without taking the fix along: what is removed from them is
//! seen in the diff.

/// The tests of source files from which a diff removes lines.
pub(crate) fn weakened(path: &str, base: &str, diff: &str) -> bool {
    let tests = test_lines(path, base);
    !tests.is_empty() && removed_lines(path, diff).iter().any(|line| tests.contains(line))
}

/// The numbers of the lines that belong to tests in a source file: Rust's `#[cfg(test)]` modules and `#[test]` functions,
/// and Python's doctests.
fn test_lines(path: &str, text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut found = Vec::new();
    if path.ends_with(".rs") {
        for (at, line) in lines.iter().enumerate() {
            let mark = line.trim_start();
            if mark.starts_with("/// ") && mark.contains("assert") {
                found.push(at);
                continue;
            }
            if !(mark.starts_with("#[cfg(test)]") || mark.starts_with("#[test]") || mark.ends_with("::test]"))
            {
                continue;
            }
            // Up to the brace that closes it, at the same depth: as rustfmt writes it, and if not, to the end.
            let ends_item =
                |line: &&str| line.trim_start().starts_with('}') || line.trim_end().ends_with(';');
            let closes = |line: &&str| indent(line) == indent(lines[at]) && ends_item(line);
            let end = lines[at..].iter().position(closes).map_or(lines.len(), |count| at + count);
            found.extend(at..=end);
        }
    } else if path.ends_with(".py") {
        for (at, line) in lines.iter().enumerate() {
            if line.trim_start().starts_with(">>> ") || line.trim_start().starts_with("... ") {
                found.extend([at, at + 1]);
            }
        }
    }
    found.into_iter().map(|at| at + 1).collect()
}

/// The numbers that the lines removed from a file had.
fn removed_lines(path: &str, diff: &str) -> Vec<usize> {
    let (mut is_here, mut in_hunk, mut number) = (false, false, 0);
    let mut removed = Vec::new();
    for line in diff.lines() {
        if line.starts_with("diff --git ") {
            (is_here, in_hunk) = (false, false);
        } else if let Some(name) = line.strip_prefix("--- ").filter(|_| !in_hunk) {
            is_here = name.trim_end_matches('\t').strip_prefix("a/") == Some(path);
        } else if let Some(hunk) = line.strip_prefix("@@ -") {
            in_hunk = true;
            let first = hunk.split([',', ' ']).next().unwrap_or_default();
            number = first.parse().unwrap_or(0);
        } else if in_hunk && is_here {
            match line.as_bytes().first() {
                Some(b'-') => {
                    removed.push(number);
                    number += 1;
                }
                Some(b'+' | b'\\') => {}
                _ => number += 1,
            }
        }
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "fn half(n: u32) -> u32 {\n    n\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn halves() {\n        assert_eq!(super::half(4), 2);\n    }\n}\n";

    #[test]
    fn removing_from_a_test_is_seen_and_adding_is_not() {
        let head = "diff --git a/src/lib.rs b/src/lib.rs\n--- a/src/lib.rs\n+++ b/src/lib.rs\n";
        let weaker = format!(
            "{head}@@ -8,3 +8,3 @@\n     fn halves() {{\n-        assert_eq!(super::half(4), 2);\n+        assert!(true);\n     }}\n"
        );
        assert!(weakened("src/lib.rs", BASE, &weaker));
        let fixed = format!("{head}@@ -1,3 +1,3 @@\n fn half(n: u32) -> u32 {{\n-    n\n+    n / 2\n }}\n");
        assert!(!weakened("src/lib.rs", BASE, &fixed));
        let more = format!(
            "{head}@@ -9,2 +9,3 @@\n         assert_eq!(super::half(4), 2);\n+        assert_eq!(super::half(0), 0);\n     }}\n"
        );
        assert!(!weakened("src/lib.rs", BASE, &more));
        assert!(!weakened("src/other.rs", BASE, &weaker));
        // A module elsewhere ends with its line.
        let split = "#[cfg(test)]\nmod tests;\n\nfn f() {\n    1;\n}\n";
        let next = "diff --git a/s.rs b/s.rs\n--- a/s.rs\n+++ b/s.rs\n@@ -4,3 +4,3 @@\n fn f() {\n-    1;\n+    2;\n }\n";
        assert!(!weakened("s.rs", split, next));
        let doc = "def f():\n    \"\"\"\n    >>> f()\n    1\n    \"\"\"\n";
        let diff = "--- a/f.py\n+++ b/f.py\n@@ -3,2 +3,2 @@\n     >>> f()\n-    1\n+    2\n";
        assert!(weakened("f.py", doc, diff));
    }
}
