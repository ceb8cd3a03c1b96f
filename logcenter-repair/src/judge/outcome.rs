//! What the tests say of a change: nothing that passed fails, nothing that ran is left out, and the error is gone.

use super::results::Results;
use std::collections::BTreeSet;

/// What the tests say of the untouched base, in two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Baseline {
    first: Results,
    second: Results,
}

impl Baseline {
    pub(crate) fn new(first: Results, second: Results) -> Self {
        Self { first, second }
    }

    /// Tests that failed in one of the runs at least.
    fn failing(&self) -> BTreeSet<&String> {
        self.first.failed.union(&self.second.failed).collect()
    }

    /// Tests that passed in both runs.
    fn passing(&self) -> BTreeSet<&String> {
        self.first.passed.intersection(&self.second.passed).collect()
    }

    /// Whether a run has fewer tests than the base: it does not even compile, or was not collected.
    pub(crate) fn lacks_tests(&self, results: &Results) -> bool {
        let before = self.first.ran.min(self.second.ran).unwrap_or(0);
        results.ran.unwrap_or(0) < before
    }

    /// Whether what the command says depends on more than the code.
    pub(crate) fn is_flaky(&self) -> bool {
        self.first.succeeded != self.second.succeeded || self.first.failed != self.second.failed
    }

    /// Whether something else than the runner of the tests wrote what a run says: lines that no runner writes, or another
    /// summary. Other runs may follow only where the base did not come that far.
    fn is_forged(&self, results: &Results) -> bool {
        let runs = self.succeeded() && results.runs != self.first.runs;
        results.is_forged && !self.first.is_forged || runs
    }

    fn succeeded(&self) -> bool {
        self.first.succeeded && self.second.succeeded
    }

    /// The tests that fail in a run, and did not on the base: those that show the error. Empty, too, if only the exit code
    /// differs.
    pub(crate) fn shown_by(&self, with_reproduction: &Results) -> Option<BTreeSet<String>> {
        let known = self.failing();
        let new: BTreeSet<String> =
            with_reproduction.failed.iter().filter(|name| !known.contains(name)).cloned().collect();
        let differs = self.succeeded() && !with_reproduction.succeeded;
        (!new.is_empty() || differs).then_some(new)
    }

    /// How many tests ran, and how many of them failed, for people.
    pub(crate) fn summary(&self) -> String {
        summary(&self.second)
    }
}

/// How many tests ran, and how many of them failed, for people.
pub(crate) fn summary(results: &Results) -> String {
    match results.ran {
        Some(1) if results.failed.is_empty() && results.succeeded => "1 test passes".into(),
        Some(ran) if results.failed.is_empty() && results.succeeded => format!("{ran} tests pass"),
        Some(ran) => format!("{} of {ran} tests fail", results.failed.len().max(1)),
        None if results.succeeded => "the tests pass".into(),
        None => "the tests fail".into(),
    }
}

/// Judges a run of the tests with the change. `shown_by` are the tests that showed the error before.
///
/// # Errors
/// Why it is no fix.
pub(crate) fn compare(
    base: &Baseline,
    after: &Results,
    shown_by: &BTreeSet<String>,
) -> Result<String, String> {
    if base.is_forged(after) {
        return Err("something else than their runner wrote results of tests".into());
    }
    let known = base.failing();
    let list = |names: Vec<&String>| {
        let shown: Vec<&str> = names.iter().take(5).map(|name| name.as_str()).collect();
        let more = names.len().saturating_sub(5);
        if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
    };
    let still: Vec<&String> =
        shown_by.iter().filter(|name| !after.passed.contains(*name) && !after.passed.is_empty()).collect();
    if !still.is_empty() || shown_by.iter().any(|name| after.failed.contains(name)) {
        return Err(format!(
            "the test that shows the error does not pass: {}",
            list(shown_by.iter().collect())
        ));
    }
    let broken: Vec<&String> = after.failed.iter().filter(|name| !known.contains(name)).collect();
    if !broken.is_empty() {
        return Err(format!("tests fail that passed before: {}", list(broken)));
    }
    if !after.succeeded && (base.succeeded() || after.failed.is_empty()) {
        return Err("the tests end with a failure".into());
    }
    let gone: Vec<&String> = base
        .passing()
        .into_iter()
        .filter(|name| !after.passed.contains(*name) && !after.failed.contains(*name))
        .collect();
    if !gone.is_empty() {
        return Err(format!("tests did not run that passed before: {}", list(gone)));
    }
    // Those that showed the error run as well, by name or not.
    let before = base.first.ran.max(base.second.ran).map(|ran| ran + shown_by.len());
    if after.ran < before {
        let count = |ran: Option<usize>| ran.map_or_else(|| "none".into(), |ran| ran.to_string());
        return Err(format!("fewer tests ran: {} instead of {}", count(after.ran), count(before)));
    }
    Ok(summary(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(succeeded: bool, passed: &[&str], failed: &[&str]) -> Results {
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
        let ran = Some(passed.len() + failed.len());
        Results { succeeded, ran, passed: set(passed), failed: set(failed), ..Results::default() }
    }

    fn base() -> Baseline {
        Baseline::new(results(true, &["a", "b"], &[]), results(true, &["a", "b"], &[]))
    }

    fn shown() -> BTreeSet<String> {
        ["shows".to_owned()].into()
    }

    #[test]
    fn a_fix_makes_the_test_pass_and_breaks_nothing() {
        let fixed = results(true, &["a", "b", "shows"], &[]);
        assert_eq!(compare(&base(), &fixed, &shown()), Ok("3 tests pass".into()));
        let rows = [
            (results(false, &["a", "b"], &["shows"]), "shows the error does not pass"),
            (results(true, &["a", "b"], &[]), "shows the error does not pass"),
            (results(false, &["a", "shows"], &["b"]), "fail that passed before: b"),
            (results(true, &["a", "shows"], &[]), "did not run that passed before: b"),
            (results(false, &["a", "b", "shows"], &[]), "end with a failure"),
        ];
        for (after, why) in rows {
            assert!(compare(&base(), &after, &shown()).unwrap_err().contains(why), "{after:?}");
        }
        let fewer = Results { ran: Some(1), ..results(true, &[], &[]) };
        let unnamed =
            Baseline::new(Results { ran: Some(2), ..results(true, &[], &[]) }, results(true, &[], &[]));
        assert!(compare(&unnamed, &fewer, &BTreeSet::new()).unwrap_err().contains("1 instead of 2"));
        let silent = Results { ran: None, ..results(true, &[], &[]) };
        assert!(compare(&unnamed, &silent, &BTreeSet::new()).unwrap_err().contains("none instead of 2"));
    }

    #[test]
    fn results_that_the_runner_did_not_write_are_refused() {
        let fixed = results(true, &["a", "b", "shows"], &[]);
        for forged in [Results { is_forged: true, ..fixed.clone() }, Results { runs: 2, ..fixed.clone() }] {
            assert!(compare(&base(), &forged, &shown()).unwrap_err().contains("something else"));
        }
        let odd = || Results { is_forged: true, ..results(true, &["a", "b"], &[]) };
        assert!(
            compare(&Baseline::new(odd(), odd()), &Results { is_forged: true, ..fixed }, &shown()).is_ok()
        );
    }

    #[test]
    fn what_failed_before_and_what_is_flaky_is_not_held_against_it() {
        let flaky = Baseline::new(results(false, &["a"], &["b", "c"]), results(false, &["a", "b"], &["c"]));
        assert!(flaky.is_flaky());
        assert!(compare(&flaky, &results(false, &["a"], &["b", "c"]), &BTreeSet::new()).is_ok());
        assert!(compare(&flaky, &results(true, &["a", "b", "c"], &[]), &BTreeSet::new()).is_ok());
        assert!(compare(&flaky, &results(false, &["a", "b", "c"], &[]), &BTreeSet::new()).is_err());
    }

    #[test]
    fn a_reproduction_is_what_fails_anew() {
        let with = results(false, &["a", "b"], &["shows"]);
        assert_eq!(base().shown_by(&with), Some(shown()));
        assert_eq!(base().shown_by(&results(true, &["a", "b", "shows"], &[])), None);
        let unnamed = Results { succeeded: false, ..Results::default() };
        let base = Baseline::new(results(true, &[], &[]), results(true, &[], &[]));
        assert_eq!(base.shown_by(&unnamed), Some(BTreeSet::new()));
    }
}
