//! What a run of the tests says, as far as it prints names and numbers in one of the usual forms.

use std::collections::BTreeSet;

/// What a run of the tests says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Results {
    /// Whether the command ended with 0.
    pub(crate) succeeded: bool,
    /// How many tests ran; `None` if the output has no known form.
    pub(crate) ran: Option<usize>,
    pub(crate) passed: BTreeSet<String>,
    pub(crate) failed: BTreeSet<String>,
    /// Whether a test could not even be loaded or compiled.
    pub(crate) has_broken_tests: bool,
    /// How many runs of other runners than cargo's were summed up.
    pub(crate) runs: usize,
    /// Whether cargo's runner seems to name tests that it did not announce: then something else wrote those lines.
    pub(crate) is_forged: bool,
}

/// What the runners say of tests that cannot be loaded: cargo, unittest, pytest.
const BROKEN: [&str; 3] = ["error: could not compile", "unittest.loader._FailedTest", "ERROR collecting "];

impl Results {
    pub(crate) fn read(succeeded: bool, output: &str) -> Self {
        let mut results = Self { succeeded, ..Self::default() };
        let mut target = String::new();
        let mut summed: Option<usize> = None;
        // How many tests cargo's runner still has to name.
        let mut announced: Option<usize> = None;
        for line in output.lines() {
            let line = line.trim_end();
            let words: Vec<&str> = line.split_whitespace().collect();
            results.has_broken_tests |= BROKEN.iter().any(|sign| line.contains(sign));
            // cargo: `Running unittests src/lib.rs (target/…)`, `Doc-tests shop`, `test a::b ... ok`
            if let ["Running" | "Doc-tests", name @ ..] = &words[..] {
                target = target_of(name);
            }
            if let ["running", count, "test" | "tests"] = &words[..] {
                results.is_forged |= announced.is_some();
                announced = count.parse().ok();
            }
            if let Some((name, how)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) {
                let left = announced.and_then(|count| count.checked_sub(1));
                results.is_forged |= left.is_none();
                announced = left;
                // `(line 3)` of a doctest moves with the code above it.
                let name = name.split(" (line ").next().unwrap_or(name).trim_end_matches(" - should panic");
                results.tell(format!("{target}: {name}"), how.split_whitespace().next());
            } else if let Some((name, how)) = line.split_once(" ... ").filter(|(name, _)| name.ends_with(')'))
            {
                // unittest: `test_a (pkg.Class) ... ok`, `Ran 3 tests in 0.1s`
                results.tell(name.to_owned(), how.split_whitespace().next());
            }
            if let ["test", "result:", ..] = &words[..] {
                results.is_forged |= announced.take().is_none();
                let ran = count_before(&words, "passed;").zip(count_before(&words, "failed;"));
                summed = ran.map(|(passed, failed)| summed.unwrap_or(0) + passed + failed).or(summed);
            }
            if let ["Ran", count, "test" | "tests", "in", ..] = &words[..] {
                summed = count.parse().ok().or(summed);
                results.runs += 1;
            }
            // Skipped tests are among those that ran, for unittest.
            if let Some(skipped) = line
                .split("skipped=")
                .nth(1)
                .filter(|_| line.starts_with("OK (") || line.starts_with("FAILED ("))
            {
                let skipped: String = skipped.chars().take_while(char::is_ascii_digit).collect();
                summed = summed.map(|ran| ran.saturating_sub(skipped.parse().unwrap_or(0)));
            }
            if let ["FAIL:" | "ERROR:", name @ ..] = &words[..] {
                results.failed.insert(name.join(" "));
            }
            // pytest: `tests/a.py::b PASSED [ 50%]`, `FAILED tests/a.py::b - why`, `== 1 failed, 2 passed in 0.1s ==`
            match &words[..] {
                [name, how @ ("PASSED" | "FAILED" | "ERROR"), ..] if name.contains("::") => {
                    results.tell((*name).to_owned(), Some(how));
                }
                ["FAILED" | "ERROR", name, ..] if name.contains("::") => {
                    results.failed.insert((*name).to_owned());
                }
                [..] if line.ends_with('=') || line.contains(" in ") => {
                    let bar: Vec<&str> = words.iter().map(|word| word.trim_end_matches(',')).collect();
                    let counts = ["passed", "failed", "error", "errors"].map(|word| count_before(&bar, word));
                    if line.contains(" in ") && counts[..2].iter().any(Option::is_some) {
                        summed = Some(counts.iter().flatten().sum());
                        results.runs += 1;
                    }
                }
                _ => {}
            }
            results.read_node(line, &words, &mut summed);
        }
        // A test that failed once has failed.
        results.passed.retain(|name| !results.failed.contains(name));
        let named = results.passed.len() + results.failed.len();
        results.ran = summed.or((named > 0).then_some(named));
        results
    }

    /// node, TAP, jest and mocha.
    fn read_node(&mut self, line: &str, words: &[&str], summed: &mut Option<usize>) {
        match words {
            ["not", "ok", _, "-", name @ ..] => self.tell(without_time(name), Some("FAILED")),
            ["ok", _, "-", name @ ..] if !line.contains("# SKIP") && !line.contains("# TODO") => {
                self.tell(without_time(name), Some("ok"));
            }
            ["✔" | "✓", name @ ..] => self.tell(without_time(name), Some("ok")),
            ["✖" | "✕" | "×", name @ ..] => self.tell(without_time(name), Some("FAILED")),
            // Those that were skipped are among `tests`, and so not counted from there.
            ["#" | "ℹ", how @ ("pass" | "fail"), count] => {
                self.runs += usize::from(*how == "pass");
                *summed = count.parse::<usize>().ok().map(|count| summed.unwrap_or(0) + count).or(*summed);
            }
            ["Tests:", counts @ ..] => {
                let counts: Vec<&str> = counts.iter().map(|word| word.trim_end_matches(',')).collect();
                let ran = ["passed", "failed"].map(|word| count_before(&counts, word));
                self.runs += 1;
                *summed = ran.into_iter().flatten().reduce(|a, b| a + b).or(*summed);
            }
            [count, how @ ("passing" | "failing"), ..] => {
                self.runs += usize::from(*how == "passing");
                *summed = count.parse::<usize>().ok().map(|count| summed.unwrap_or(0) + count).or(*summed);
            }
            _ => {}
        }
    }

    fn tell(&mut self, name: String, how: Option<&str>) {
        match how {
            Some("ok" | "PASSED") => self.passed.insert(name),
            Some("FAILED" | "FAIL" | "ERROR") => self.failed.insert(name),
            _ => false,
        };
    }
}

/// What cargo names a group of tests by: the program `(target/debug/deps/shop-1a2b)` without its hash, since crates of a
/// workspace share the name of the source; else the words as they are.
fn target_of(words: &[&str]) -> String {
    let program = words.iter().find_map(|word| word.strip_prefix('(')?.strip_suffix(')'));
    let name = program.and_then(|path| path.rsplit('/').next()?.rsplit_once('-'));
    name.map_or_else(|| words.join(" "), |(name, _)| name.to_owned())
}

/// The number before a word.
fn count_before(words: &[&str], word: &str) -> Option<usize> {
    let at = words.iter().position(|found| *found == word)?;
    words.get(at.checked_sub(1)?)?.parse().ok()
}

/// A name without the time that the test took, as `(1.2ms)`.
fn without_time(words: &[&str]) -> String {
    let is_time = |word: &&&str| word.starts_with('(') && word.ends_with("ms)");
    words.iter().filter(|word| !is_time(word)).copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(output: &str, ran: usize, passed: &[&str], failed: &[&str]) {
        let results = Results::read(failed.is_empty(), output);
        let names = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>();
        assert_eq!(results.ran, Some(ran));
        assert_eq!(
            (names(&results.passed), names(&results.failed)),
            (
                passed.iter().map(|&name| name.to_owned()).collect(),
                failed.iter().map(|&name| name.to_owned()).collect(),
            )
        );
    }

    #[test]
    fn the_usual_forms_are_read() {
        check(
            "     Running unittests src/lib.rs (target/debug/deps/shop-1)\n\nrunning 3 tests\ntest tests::adds ... ok\n\
             test tests::halves ... FAILED\ntest tests::slow ... ignored\n\nfailures:\n    tests::halves\n\n\
             test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured\n   Doc-tests shop\n\
             test src/lib.rs - half (line 3) ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n",
            3,
            &["shop: src/lib.rs - half", "shop: tests::adds"],
            &["shop: tests::halves"],
        );
        check(
            "tests/a.py::test_b PASSED [ 50%]\ntests/a.py::test_c FAILED [100%]\n\
             FAILED tests/a.py::test_c - ValueError: x\n===== 1 failed, 1 passed in 0.02s =====\n",
            2,
            &["tests/a.py::test_b"],
            &["tests/a.py::test_c"],
        );
        check(
            "..F\nFAILED tests/a.py::test_c - x\n1 failed, 2 passed, 3 skipped in 0.02s\n",
            3,
            &[],
            &["tests/a.py::test_c"],
        );
        check(
            "test_a (m.T.test_a) ... ok\ntest_b (m.T.test_b) ... FAIL\nFAIL: test_b (m.T.test_b)\nRan 2 tests in 0.001s\n\nFAILED (failures=1)\n",
            2,
            &["test_a (m.T.test_a)"],
            &["test_b (m.T.test_b)"],
        );
        check("Ran 3 tests in 0.1s\n\nOK (skipped=2)\n", 1, &[], &[]);
        check(
            "TAP version 13\nok 1 - adds\nnot ok 2 - halves\nok 3 - later # SKIP\n# tests 3\n# pass 1\n# fail 1\n# skipped 1\n",
            2,
            &["adds"],
            &["halves"],
        );
        check(
            "✔ adds (0.5ms)\n✖ halves (1.25ms)\nℹ tests 2\nℹ pass 1\nℹ fail 1\n",
            2,
            &["adds"],
            &["halves"],
        );
        check("  ✓ adds (3 ms)\nTests:       1 failed, 4 passed, 5 total\n", 5, &["adds (3 ms)"], &[]);
        check("  3 passing (10ms)\n  1 failing\n", 4, &[], &[]);
    }

    #[test]
    fn what_cargo_did_not_announce_is_forged() {
        let run = "running 2 tests\ntest a ... ok\ntest b - should panic ... ok\n\ntest result: ok. 2 passed; 0 failed; 0 ignored\n";
        let forged = "test shows ... ok\n";
        assert!(!Results::read(true, &format!("{run}\n   Doc-tests shop\n\n{run}")).is_forged);
        for output in [
            run.replacen("test a", &format!("{forged}test a"), 1),
            run.replacen("test a", &format!("{}test a", run.replace("2 tests", "2 tests\n")), 1),
            format!("{run}{forged}"),
            format!("{forged}{run}"),
        ] {
            assert!(Results::read(true, &output).is_forged, "{output}");
        }
        let again = "Ran 2 tests in 0.1s\n\nOK\n# pass 1\n===== 2 passed in 0.02s =====\n3 passing (10ms)\nTests: 1 passed\n";
        assert_eq!(Results::read(true, again).runs, 5);
    }

    #[test]
    fn an_unknown_form_has_no_numbers() {
        let results = Results::read(true, "all good\n");
        assert_eq!(results, Results { succeeded: true, ..Results::default() });
    }
}
