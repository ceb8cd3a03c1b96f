//! Fix: the fixer works in the sandbox. Only the files that it leaves count.

use super::commands::TAIL;
use super::verify::Shown;
use super::{Attempt, Stop};
use crate::clock;
use crate::ended::StepName;
use crate::git::{Mirror, Workspace};
use crate::judge::is_test;
use crate::prompt::{self, Ask, Brief, Excerpt, Past};
use crate::sandbox::{Ended, Toolchain};
use logcenter_client::api::{Attempt as EarlierAttempt, Cost};
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use std::collections::BTreeMap;

/// Earlier attempts that the fixer is told of.
const MOST_PAST: usize = 3;

/// What the fixer left.
pub(super) struct Left {
    /// The tree of its files.
    pub(super) tree: String,
    /// The files in `out`.
    pub(super) out: BTreeMap<String, String>,
    /// The exit code, which decides nothing about the files.
    pub(super) exit: Option<i32>,
}

/// A change that may be a fix.
pub(super) struct Candidate {
    /// The tree, with existing tests as the base has them.
    pub(super) tree: String,
    pub(super) root_cause: Option<String>,
}

impl Attempt<'_> {
    /// Lets the fixer fix the error.
    pub(super) async fn fixed(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
        mirror: &Mirror,
        shown: &Shown,
    ) -> Result<Candidate, Stop> {
        let begun = clock::now();
        let past = self.past().await?;
        let shown_by = shown.file.as_ref().map(|(path, _)| path.clone());
        self.write_task_with(workspace, &Ask::Fix { shown_by }, &past, self.excerpt(mirror, workspace).await)
            .await?;
        let from = match &shown.file {
            Some((path, text)) => workspace.with_file(&workspace.base, path, text.as_bytes()).await,
            None => Ok(workspace.base.clone()),
        };
        let left = self.fixer_s_work(workspace, tools, &from.map_err(Stop::Machine)?).await?;
        let mut tree = left.tree;
        if let Some((path, text)) = &shown.file {
            tree = workspace.with_file(&tree, path, text.as_bytes()).await.map_err(Stop::Machine)?;
        }
        self.did(StepName::Fix, begun, "the fixer has ended");
        let summary = left.out.get("summary.json");
        if summary.is_some_and(|summary| self.agent.secrets.holds_one(summary)) {
            return Err(Stop::Fixer(Verdict::GuardRejected, "the summary holds a secret".into()));
        }
        if let Some(summary) = summary {
            self.leave(Stage::Fix, ArtifactKind::Summary, summary).await?;
        }
        let summary = summary.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        let root_cause = summary
            .and_then(|summary| summary["root_cause"].as_str().map(|cause| prompt::clean(cause, 2000)));
        Ok(Candidate { tree, root_cause })
    }

    /// Runs the fixer on a tree; gives what it left.
    pub(super) async fn fixer_s_work(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
        from: &str,
    ) -> Result<Left, Stop> {
        let stage = self.stage.get();
        let tree = workspace.checkout(from, "fixer").await.map_err(Stop::Machine)?;
        let taken = workspace.empty("fixed").map_err(Stop::Machine)?;
        let (ran, refused) = self.run_fixer(workspace, tools, &tree, &taken).await?;
        let told = self.project.preset.map(|preset| preset.told(&ran.output.text)).unwrap_or_default();
        let add = |a: Option<f64>, b: Option<f64>| a.map_or(b, |a| Some(a + b.unwrap_or(0.0)));
        let (before, now) = (self.cost.get(), told.cost);
        let tokens =
            before.tokens.map_or(now.tokens, |sum| Some(sum.saturating_add(now.tokens.unwrap_or(0))));
        self.cost.set(Cost { usd: add(before.usd, now.usd), tokens, seconds: None });
        let mut transcript = ran.output.text.clone();
        if !refused.is_empty() {
            transcript.push_str(&format!("\n[the proxy refused: {}]\n", refused.join(", ")));
        }
        self.leave(stage, ArtifactKind::Transcript, &transcript).await?;
        let failed = |verdict, why: String| Err(Stop::Fixer(verdict, why));
        let limits = &self.project.limits;
        match &ran.ended {
            Ended::TimedOut => {
                return failed(
                    Verdict::TimedOut,
                    format!("the fixer did not end within {} s", limits.fixer_seconds),
                );
            }
            Ended::Unstartable(why) => {
                return Err(Stop::Machine(format!("the fixer cannot be started: {why}")));
            }
            Ended::OutOfMemory => {
                return failed(Verdict::Budget, format!("the fixer used more than {} MiB", limits.memory_mb));
            }
            Ended::Exit(_) | Ended::Signal(_) => {}
        }
        let spent = self.cost.get().usd.filter(|spent| *spent > limits.usd);
        if let Some(spent) = spent {
            return failed(
                Verdict::Budget,
                format!("the fixer spent {spent:.2} US dollars of {:.2}", limits.usd),
            );
        }
        let files = match ran.taken {
            Ok(files) if files.misfits.is_empty() => files,
            Ok(files) => return failed(Verdict::GuardRejected, files.misfits.join("; ")),
            Err(why) => {
                return failed(Verdict::GuardRejected, format!("what the fixer left cannot be read: {why}"));
            }
        };
        // What git does not take is the fixer's doing: a name, a link in place of one of git's own files.
        let tree = workspace.changed(from, &taken, &files.gone).await.map_err(unreadable)?;
        if tree == workspace.tree_id(from).await.map_err(Stop::Machine)? && told.over_budget {
            return failed(
                Verdict::Budget,
                format!("the fixer spent what it may: {}", ran.output.tail(TAIL)),
            );
        }
        let exit = if let Ended::Exit(code) = ran.ended { Some(code) } else { None };
        Ok(Left { tree, out: files.out, exit })
    }

    pub(super) async fn write_task(
        &self,
        workspace: &Workspace,
        ask: &Ask,
        past: &[Past],
    ) -> Result<(), Stop> {
        self.write_task_with(workspace, ask, past, None).await
    }

    async fn write_task_with(
        &self,
        workspace: &Workspace,
        ask: &Ask,
        past: &[Past],
        excerpt: Option<Excerpt>,
    ) -> Result<(), Stop> {
        let mark = clock::mark().map_err(|error| Stop::Machine(error.to_string()))?;
        let text = prompt::prompt(Brief {
            ask,
            project: self.project,
            base: &workspace.base,
            facts: &self.facts,
            excerpt: excerpt.as_ref(),
            past,
            hint: self.claim.hint.as_deref(),
            mark: &mark,
        });
        prompt::write(&workspace.folder().join("task"), &text, &self.facts, past)
            .map_err(|error| Stop::Machine(format!("the task cannot be written: {error}")))?;
        self.leave(self.stage.get(), ArtifactKind::Prompt, &text).await
    }

    /// The source around the line, as the program was built from it, or as the base has it.
    pub(super) async fn excerpt(&self, mirror: &Mirror, workspace: &Workspace) -> Option<Excerpt> {
        let reported = self.facts.file_path.as_deref()?;
        let built_from = match &self.facts.commit_hash {
            Some(hash) if hash.len() >= 7 && hash.chars().all(|digit| digit.is_ascii_hexdigit()) => {
                mirror.commit(hash).await.ok()
            }
            _ => None,
        };
        for commit in built_from.iter().chain([&workspace.base]) {
            let paths = mirror.paths(commit).await.ok()?;
            if let Some(path) = prompt::in_repository(reported, &paths)
                && let Ok(text) = mirror.text(commit, &path).await
            {
                return Some(prompt::excerpt(&path, commit, &text, self.facts.line_number));
            }
        }
        None
    }

    /// What earlier attempts came to.
    async fn past(&self) -> Result<Vec<Past>, Stop> {
        let earlier = self.agent.api.attempts(self.claim.issue.id).await?;
        let is_told = |attempt: &&EarlierAttempt| attempt.verdict.is_some_and(Verdict::is_failure);
        let mut past = Vec::new();
        for attempt in earlier.iter().filter(is_told).take(MOST_PAST) {
            let whole = self.agent.api.attempt(attempt.id).await?;
            let text = |kind| {
                let mut found = whole.artifacts.iter().filter(|artifact| artifact.kind == kind);
                found.next().map(|artifact| artifact.text.clone()).unwrap_or_default()
            };
            past.push(Past {
                epoch: attempt.epoch,
                verdict: attempt.verdict.map(|verdict| verdict.to_string()).unwrap_or_default(),
                reason: attempt.reason.clone().unwrap_or_default(),
                diff: text(ArtifactKind::Diff),
                tests: prompt::clean(&text(ArtifactKind::TestAfter), 4096),
            });
        }
        Ok(past)
    }

    /// The patch of an attempt that a person approved, on the base as it is now.
    pub(super) async fn approved(&self, workspace: &Workspace, id: i64) -> Result<Candidate, Stop> {
        let attempt = self.agent.api.attempt(id).await?;
        let diff = attempt
            .artifacts
            .iter()
            .find(|artifact| artifact.kind == ArtifactKind::Diff && !artifact.truncated);
        let diff = diff
            .ok_or_else(|| Stop::Fixer(Verdict::NoChange, "the approved attempt has no whole diff".into()))?;
        let tree = workspace.patched(&diff.text).await.map_err(|why| {
            Stop::Fixer(
                Verdict::NoChange,
                format!("the approved patch does not apply to the base any more: {why}"),
            )
        })?;
        self.moves(logcenter_core::Status::Fixing).await?;
        Ok(Candidate { tree, root_cause: None })
    }

    /// How the error shows by the new tests of a change alone.
    pub(super) async fn shown_by_its_tests(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
        baseline: &crate::judge::Baseline,
        candidate: &Candidate,
    ) -> Result<Shown, Stop> {
        let changes = workspace.changes(&candidate.tree).await.map_err(Stop::Machine)?;
        let mut tree = workspace.base.clone();
        let new_tests = changes.iter().filter(|changed| changed.is_new() && is_test(&changed.path));
        for changed in new_tests {
            let text = workspace.text(&candidate.tree, &changed.path).await.map_err(Stop::Machine)?;
            tree = workspace.with_file(&tree, &changed.path, text.as_bytes()).await.map_err(Stop::Machine)?;
        }
        if tree == workspace.base {
            return Ok(Shown { text: "approved by a person".into(), ..Shown::default() });
        }
        let tree = workspace.checkout(&tree, "reproduction").await.map_err(Stop::Machine)?;
        let tested = self.test(workspace, tools, &tree).await?;
        let tests = baseline.shown_by(&tested.results).unwrap_or_default();
        Ok(Shown { tests, text: "approved by a person".into(), ..Shown::default() })
    }
}

/// What the fixer left cannot be read as a change.
#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
pub(super) fn unreadable(why: String) -> Stop {
    Stop::Fixer(Verdict::GuardRejected, format!("what the fixer left cannot be read: {why}"))
}
