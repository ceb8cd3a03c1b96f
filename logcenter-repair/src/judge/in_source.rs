//! Tests that live in a source file, which cannot be restored without taking the fix along.

use super::mixed_file::holds_tests;
use super::{examples, rust};
use std::collections::HashMap;

const EXAMPLES: &str = "changes or removes examples that are tests";

/// Why a change to a source file may not be judged by the tests in it. What is new or deleted has an empty text. Only in a
/// Rust project, the code in documents is taken for Rust.
pub(crate) fn weakened(path: &str, base: &str, changed: &str, is_rust: bool) -> Option<&'static str> {
    let ending = path.rsplit('.').next()?;
    if holds_tests(ending, base) {
        return Some(
            "holds tests beside its code, and only a person can tell whether they stay what they are",
        );
    }
    match ending {
        "rs" => rust::changed(base, changed),
        "md" | "markdown" | "txt" => {
            let (before, mut after) = match is_rust {
                true => (examples::markdown(base), examples::markdown(changed)),
                false => (Vec::new(), Vec::new()),
            };
            let has = |example: &String| {
                let at = after.iter().position(|one| one == example);
                at.map(|at| after.swap_remove(at)).is_some()
            };
            (!before.iter().all(has) || doctests_changed(base, changed)).then_some(EXAMPLES)
        }
        "py" | "pyw" | "pyi" | "rst" => doctests_changed(base, changed).then_some(EXAMPLES),
        _ => None,
    }
}

/// Whether Python's examples are no longer what they were, or what they stand in is defined differently. New ones are welcome.
fn doctests_changed(base: &str, changed: &str) -> bool {
    let (before, after): (HashMap<_, _>, HashMap<_, _>) = (examples::python(base), examples::python(changed));
    before.iter().any(|(example, count)| match example.1.is_empty() {
        true => after.get(example) != Some(count),
        false => after.get(example).is_none_or(|now| now < count),
    })
}
#[cfg(test)]
mod tests {
    use super::weakened;

    const RUST: &str =
        "/// Halves.\n///\n/// ```\n/// assert_eq!(half(4), 2);\n/// ```\nfn half(n: u32) -> u32 { n }\n";
    const PYTHON: &str = "def f():\n    \"\"\"\n    >>> f()\n    1\n    \"\"\"\n    return 2\n";

    fn is_weaker(path: &str, base: &str, from: &str, to: &str) -> bool {
        assert!(base.contains(from), "{from}");
        weakened(path, base, &base.replacen(from, to, 1), true).is_some()
    }

    #[test]
    fn examples_stay_as_they_were() {
        for (from, to, expected) in [
            ("{ n }", "{ n / 2 }", false),
            ("n: u32", "number: u32", false),
            ("Halves.", "Halves it.", false),
            ("fn half", "///\n/// ```\n/// half(1);\n/// ```\nfn half", false),
            ("/// Halves.", "#[cfg(unix)]\n/// Halves.", true),
            ("```\n/// assert", "```no_run\n/// assert", true),
            ("/// assert", "/// # return;\n/// assert", true),
            ("/// Halves.", "/// ~~~text", true),
            (
                "/// ```\n/// assert_eq!(half(4), 2);\n/// ```",
                "/// * ```\n/// * assert_eq!(half(4), 2);\n/// * ```",
                true,
            ),
            ("///\n/// ```", "///\u{2003}\n///      ```", true),
            ("Halves.\n///", "Halves.\n///\n/// ```\n/// half(1);\n/// ```\n///", false),
            ("/// Halves.", "/// Halves.\n#[must_use]", false),
            ("fn half", "/// ~~~\nfn half", true),
            ("/// Halves.", "#[doc = \"\\u{7e}~~text\"]", true),
            (
                "/// ```\n/// assert_eq!(half(4), 2);\n/// ```",
                "/** ```\n * assert_eq!(half(4), 2);\n * ``` */",
                true,
            ),
            ("fn half", "#[cfg(any())]\nfn half", true),
            (RUST, "const _: &str = r\"\n/// ```\n/// assert_eq!(half(4), 2);\n/// ```\n\";\n", true),
        ] {
            assert_eq!(is_weaker("a.rs", RUST, from, to), expected, "{to}");
        }
        let included = "#![doc = include_str!(\"../a.md\")]\nstruct S {\n    /// ```\n    /// f();\n    /// ```\n    a: u8,\n    \
            /** ```\n        g();\n    ``` */\n    b: u8 }";
        assert!(is_weaker("a.rs", included, "a.md", "b.md"));
        assert!(is_weaker("a.rs", included, "f()", "g()"));
        assert!(is_weaker("a.rs", included, "g()", "f()"));
        assert!(is_weaker("a.md", "```\nhalf(4);\n```\n", "half(4)", "half(5)"));
        assert_eq!(weakened("a.md", "```\nhalf 4\n```\n", "```\nhalf 5\n```\n", false), None);
        assert!(!is_weaker("a.md", "```sh\nhalf 4\n```\n", "half 4", "half 5"));
    }

    #[test]
    fn doctests_stay_as_they_were() {
        let dead = "if 0:\n  def f():\n    \"\"\"\n    >>> f()\n    1\n    \"\"\"\ndef f";
        for (from, to, expected) in [
            ("return 2", "return 1", false),
            ("f():\n", "f(\n    x=1,\n):\n", false),
            ("return 2", "return 1\n\ndef g():\n    '''\n    >>> g()\n    '''", false),
            ("    1\n", "    2\n", true),
            (">>> f()", ">>> f()  # doctest: +SKIP", true),
            ("    >>> f()\n    1\n", "", true),
            (PYTHON, &format!("{dead}():\n    return 1\n").replace("def f", "def\tf"), true),
            (PYTHON, &format!("{dead}():\n    return 1\n"), true),
            ("return 2", "return 2\n\ng = f = len", true),
            ("return 2", "return 2\n\nfrom builtins import len as f", true),
            ("return 2", "return 2\n\nmodule.f: object = len", true),
            ("def f", "@plain\ndef f", true),
            ("return 2", "x = g(1, f=2)\n    f = x\n    return x == 2", false),
            ("return 2", "return 2\n\ndef g():\n    global f\n    f = len", true),
            ("return 2", "return 2\n\ndef f():\n    '''\n    >>> 1\n    1\n    '''", true),
        ] {
            assert_eq!(is_weaker("a.py", PYTHON, from, to), expected, "{to}");
        }
        assert!(is_weaker("a.rst", "Text\n\n>>> 1\n1\n", ">>> 1", ">>> 2"));
    }
}
