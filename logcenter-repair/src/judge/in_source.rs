//! Tests that live in a source file, which cannot be restored without taking the fix along.

use super::rust_tests;

/// Why a change to a source file may not be judged by the tests in it. What is new or deleted has an empty text.
pub(crate) fn weakened(path: &str, base: &str, changed: &str) -> Option<&'static str> {
    let after = examples(path, changed);
    if examples(path, base).iter().any(|example| !after.contains(example)) {
        return Some("changes or removes examples that are tests");
    }
    if path.ends_with(".rs") { rust_tests::changed(base, changed) } else { None }
}

/// The examples in the documentation of a source file: Rust's code blocks and Python's doctests.
fn examples(path: &str, text: &str) -> Vec<String> {
    let (is_rust, is_python) = (path.ends_with(".rs"), path.ends_with(".py"));
    let mut examples = Vec::new();
    let mut example: Option<String> = None;
    for line in text.lines().map(str::trim) {
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim);
        let is_fence = doc.is_some_and(|doc| doc.starts_with("```"));
        let (begins, ends) = match example {
            None => (is_rust && is_fence || is_python && line.starts_with(">>>"), false),
            Some(_) if is_rust => (false, is_fence || doc.is_none()),
            Some(_) => (false, line.is_empty() || line.starts_with("\"\"\"") || line.starts_with("'''")),
        };
        if begins {
            example = Some(String::new());
        }
        if let Some(example) = &mut example {
            example.push_str(line);
            example.push('\n');
        }
        if ends {
            examples.extend(example.take());
        }
    }
    examples.extend(example);
    examples
}

#[cfg(test)]
mod tests {
    use super::weakened;

    const RUST: &str =
        "/// Halves.\n///\n/// ```\n/// assert_eq!(half(4), 2);\n/// ```\nfn half(n: u32) -> u32 { n }\n";
    const PYTHON: &str = "def f():\n    \"\"\"\n    >>> f()\n    1\n    \"\"\"\n    return 2\n";

    #[test]
    fn examples_stay_as_they_were() {
        for (path, base, from, to, is_weaker) in [
            ("a.rs", RUST, "{ n }", "{ n / 2 }", false),
            ("a.rs", RUST, "Halves.", "Halves it.", false),
            ("a.rs", RUST, "fn half", "///\n/// ```\n/// half(1);\n/// ```\nfn half", false),
            ("a.rs", RUST, "```\n/// assert", "```no_run\n/// assert", true),
            ("a.rs", RUST, "/// assert", "/// # return;\n/// assert", true),
            ("a.py", PYTHON, "return 2", "return 1", false),
            ("a.py", PYTHON, "    1\n", "    2\n", true),
            ("a.py", PYTHON, ">>> f()", ">>> f()  # doctest: +SKIP", true),
        ] {
            assert!(base.contains(from), "{from}");
            assert_eq!(
                weakened(path, base, &base.replacen(from, to, 1)).is_some(),
                is_weaker,
                "{path}: {to}"
            );
        }
    }
}
