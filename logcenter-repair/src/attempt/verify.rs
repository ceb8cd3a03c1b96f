//! Verify: what the tests say of the untouched base, and whether the error is there.

use super::commands::{TAIL, Tested};
use super::{Attempt, Stop, kept};
use crate::clock;
use crate::config::Reach;
use crate::ended::StepName;
use crate::git::Workspace;
use crate::judge::{Baseline, is_test};
use crate::prompt::Ask;
use crate::sandbox::{Ended, Toolchain};
use logcenter_core::Status;
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use std::collections::BTreeSet;

/// How the error shows on the base.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// The test file that shows it, and its text.
    pub(super) file: Option<(String, String)>,
    /// The tests that fail because of it, as far as they have names.
    pub(super) tests: BTreeSet<String>,
    /// Whether it was seen at all.
    pub(super) is_reproduced: bool,
    /// For people.
    pub(super) text: String,
}

impl Attempt<'_> {
    /// Runs the tests on the base, twice: what fails once only is flaky, and is not held against a fix.
    pub(super) async fn baseline(&self, workspace: &Workspace, tools: &Toolchain) -> Result<Baseline, Stop> {
        let begun = clock::now();
        let tree = workspace.checkout(&workspace.base, "base").await.map_err(Stop::Machine)?;
        let first = self.test(workspace, tools, &tree).await?;
        let second = if first.could_not_run().is_none() {
            Some(self.test(workspace, tools, &tree).await?)
        } else {
            None
        };
        let last = second.as_ref().unwrap_or(&first);
        self.leave(Stage::Verify, ArtifactKind::TestBefore, &last.ran.output.text).await?;
        if let Some(why) = last.could_not_run() {
            return Err(Stop::Machine(format!("on the untouched base, {why}")));
        }
        let second = second.map(|tested| tested.results).unwrap_or_default();
        let baseline = Baseline::new(first.results, second);
        let flaky = if baseline.is_flaky() { ", and not every time the same" } else { "" };
        self.did(StepName::Baseline, begun, format!("{}{flaky}", baseline.summary()));
        Ok(baseline)
    }

    /// Reproduces the error. The inner error says why it is not there.
    pub(super) async fn reproduce(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
        baseline: &Baseline,
    ) -> Result<Result<Shown, String>, Stop> {
        let begun = clock::now();
        let found = if self.project.reproduce.is_empty() {
            self.reproduce_by_test(workspace, tools, baseline).await?
        } else {
            self.write_task(workspace, &Ask::Fix { shown_by: None }, &[]).await?;
            self.reproduce_by_command(workspace, tools).await?
        };
        let shown = match found {
            Ok(shown) => shown,
            Err(why) if self.project.reproduce_required => {
                self.did(StepName::Reproduce, begun, format!("not reproduced: {why}"));
                return Ok(Err(why));
            }
            Err(why) => Shown { text: format!("not reproduced: {why}"), ..Shown::default() },
        };
        self.did(StepName::Reproduce, begun, shown.text.clone());
        let verdict = shown.is_reproduced.then_some(Verdict::Reproduced);
        self.report(Stage::Verify, |update| update.verdict = verdict).await?;
        if self.status.get() == Status::Verifying && self.reach > Reach::Analyse {
            let note =
                Some(if shown.is_reproduced { self.safe(&shown.text) } else { "not reproduced".into() });
            let to = logcenter_client::api::StatusChange::to(Status::PendingFix);
            self.change(logcenter_client::api::StatusChange { note, ..to }).await?;
        }
        Ok(Ok(shown))
    }

    /// Runs the operator's command on the base, twice.
    async fn reproduce_by_command(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
    ) -> Result<Result<Shown, String>, Stop> {
        let tree = workspace.checkout(&workspace.base, "base").await.map_err(Stop::Machine)?;
        let mut seen = Vec::new();
        for _ in 0..2 {
            let ran = self.run(workspace, tools, &self.project.reproduce, &tree).await?;
            let tail = ran.output.tail(TAIL).to_owned();
            seen.push(match ran.ended {
                Ended::Exit(0) => false,
                Ended::Exit(125) => return Err(Stop::Machine(format!("reproduce cannot tell:\n{tail}"))),
                Ended::Exit(_) | Ended::Signal(_) if names_type(&ran.output.text, &self.facts.error_type) => {
                    true
                }
                ended => {
                    let why = "reproduce failed, and did not name the error's type";
                    return Err(Stop::Machine(format!("{why} ({ended:?}):\n{tail}")));
                }
            });
            self.leave(Stage::Verify, ArtifactKind::Reproduction, &ran.output.text).await?;
        }
        match seen[..] {
            [true, true] => {
                let text = format!("reproduced twice by `{}`", self.project.reproduce.join(" "));
                Ok(Ok(Shown { is_reproduced: true, text, ..Shown::default() }))
            }
            [false, false] => Ok(Err(format!("`{}` ended with 0, twice", self.project.reproduce.join(" ")))),
            _ => Err(Stop::Machine("the error was there once, and once it was not".into())),
        }
    }

    /// Asks the fixer for a test that fails on the base, unless there is one from an earlier attempt.
    async fn reproduce_by_test(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
        baseline: &Baseline,
    ) -> Result<Result<Shown, String>, Stop> {
        let work_dir = &self.agent.config.agent.work_dir;
        let (path, text) = match kept::read(work_dir, &self.project.id, self.claim.issue.id) {
            Some(kept) if self.status.get() == Status::Fixing => kept,
            _ => match self.new_test(workspace, tools).await? {
                Ok(new) => new,
                Err(why) => return Ok(Err(why)),
            },
        };
        let shown = self.shown_by(workspace, tools, baseline, &path, &text).await?;
        if shown.is_ok() {
            kept::write(work_dir, &self.project.id, self.claim.issue.id, &path, &text);
        } else {
            kept::forget(work_dir, &self.project.id, self.claim.issue.id);
        }
        Ok(shown)
    }

    /// Runs the tests with a new one, twice: it must fail, and name the error's type.
    async fn shown_by(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
        baseline: &Baseline,
        path: &str,
        text: &str,
    ) -> Result<Result<Shown, String>, Stop> {
        let tree =
            workspace.with_file(&workspace.base, path, text.as_bytes()).await.map_err(Stop::Machine)?;
        let tree = workspace.checkout(&tree, "reproduction").await.map_err(Stop::Machine)?;
        let mut tests: Option<BTreeSet<String>> = None;
        for _ in 0..2 {
            let Tested { results, ran } = self.test(workspace, tools, &tree).await?;
            let about = format!("{path}\n\n{text}\n\n{}", ran.output.text);
            self.leave(Stage::Verify, ArtifactKind::Reproduction, &about).await?;
            let Some(new) = baseline.shown_by(&results) else {
                return Ok(Err(format!("with {path}, the tests do not fail")));
            };
            if !names_type(&ran.output.text, &self.facts.error_type) {
                return Ok(Err(format!("{path} fails, and does not name {}", self.facts.error_type)));
            }
            // One that does not compile fails, too, and shows nothing.
            let is_the_file = |name: &String| name.ends_with(path);
            if baseline.lacks_tests(&results) || results.has_broken_tests || new.iter().any(is_the_file) {
                return Ok(Err(format!("with {path}, the tests do not run")));
            }
            tests = Some(
                tests.map_or_else(|| new.clone(), |before| before.intersection(&new).cloned().collect()),
            );
        }
        let text = (path.to_owned(), text.to_owned());
        Ok(Ok(Shown {
            file: Some(text),
            tests: tests.unwrap_or_default(),
            is_reproduced: true,
            text: format!("reproduced twice by {path}"),
        }))
    }

    /// One new test file from the fixer.
    async fn new_test(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
    ) -> Result<Result<(String, String), String>, Stop> {
        self.write_task(workspace, &Ask::Reproduction, &[]).await?;
        let ran = match self.fixer_s_work(workspace, tools, &workspace.base).await {
            Ok(ran) => ran,
            Err(Stop::Fixer(Verdict::GuardRejected, why)) => return Ok(Err(why)),
            Err(stop) => return Err(stop),
        };
        let path = ran.out.get("reproduce").map(|path| path.trim().trim_start_matches("./").to_owned());
        let Some(path) = path.filter(|path| !path.is_empty()) else {
            // One that fails at once, as without its key, has not tried.
            if ran.exit != Some(0) {
                let why = "the fixer ended with a failure, and named no test file";
                return Err(Stop::Fixer(Verdict::NoChange, why.into()));
            }
            return Ok(Err("the fixer named no test file".into()));
        };
        let changes = workspace.changes(&ran.tree).await.map_err(Stop::Machine)?;
        let Some(made) = changes.iter().find(|changed| changed.path == path && changed.is_new()) else {
            return Ok(Err(format!("the fixer named {path:?}, which is no new file")));
        };
        let (diff, _) = workspace.diff(&ran.tree).await.map_err(Stop::Machine)?;
        let refused = self.refused(std::slice::from_ref(made), &diff_of(&diff, &path));
        let is_plain = path.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-/".contains(letter));
        if !is_plain || !is_test(&path) || !refused.is_empty() {
            return Ok(Err(format!("{path} cannot be a test: {}", refused.join("; "))));
        }
        let text = workspace.text(&ran.tree, &path).await.map_err(Stop::Machine)?;
        Ok(Ok((path, text)))
    }
}

/// The part of a diff that is about one file.
pub(super) fn diff_of(diff: &str, path: &str) -> String {
    let parts = diff.split("\ndiff --git ").filter(|part| part.contains(&format!("\n+++ b/{path}\n")));
    parts.collect::<Vec<_>>().join("\n")
}

/// Whether an output names the type of an error: as it was reported, or without the module that it is in.
fn names_type(output: &str, reported: &str) -> bool {
    let name = reported.split('<').next().unwrap_or(reported).trim();
    let name = name.rsplit([':', '.']).next().unwrap_or(name);
    match name {
        "" => false,
        "panic" => output.contains("panicked"),
        // The root of all errors, which test runners leave out or write small.
        "Error" | "Exception" => output.to_lowercase().contains(&name.to_lowercase()),
        name => output.contains(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_with_and_without_their_module() {
        assert!(names_type("ZeroDivisionError: division by zero", "builtins.ZeroDivisionError"));
        assert!(names_type("called `unwrap()` on ParseIntError { kind: Empty }", "core::num::ParseIntError"));
        assert!(names_type("thread 'main' panicked at src/lib.rs", "panic"));
        assert!(names_type("TypeError: x is undefined", "TypeError"));
        assert!(names_type("  error: 'ENOENT: no such file'", "Error"));
        assert!(!names_type("all is well", "TypeError") && !names_type("x", ""));
    }
}
