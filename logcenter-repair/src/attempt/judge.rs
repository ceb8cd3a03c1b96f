//! Judge: what the change touches, and what the tests say of it in a fresh tree.

use super::fix::{Candidate, unreadable};
use super::verify::Shown;
use super::{Attempt, Reached, Stop};
use crate::address::Origin;
use crate::clock;
use crate::config::Reach;
use crate::ended::StepName;
use crate::git::{Changed, Workspace};
use crate::judge::{Baseline, Rules, compare, declarers, declares_for_tests, guard, is_test, weakened};
use crate::sandbox::{Ended, Toolchain};
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use std::collections::HashSet;

/// A diff that is longer cannot be read by a person, who may have to approve it.
const LONGEST_DIFF: usize = 256 * 1024;

impl Attempt<'_> {
    /// Judges a change, and publishes it as far as it may go.
    pub(super) async fn judged(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
        origin: &Origin,
        baseline: &Baseline,
        shown: Shown,
        candidate: Candidate,
    ) -> Result<Reached, Stop> {
        let begun = clock::now();
        let tree = self.guarded(workspace, &shown, &candidate.tree).await?;
        self.did(StepName::Guard, begun, "the change touches nothing that it must not");
        let begun = clock::now();
        let folder = workspace.checkout(&tree, "judged").await.map_err(Stop::Machine)?;
        let tested = self.test(workspace, tools, &folder).await?;
        self.leave(Stage::Fix, ArtifactKind::TestAfter, &tested.ran.output.text).await?;
        let failed = |why: String| Stop::Fixer(Verdict::TestsFailed, why);
        if let Some(why) = tested.could_not_run() {
            return Err(failed(format!("with the change, {why}")));
        }
        let tests = compare(baseline, &tested.results, &shown.tests).map_err(failed)?;
        let is_approved = self.claim.approved_attempt.is_some();
        if !self.project.reproduce.is_empty() && (shown.is_reproduced || is_approved) {
            let ran = self.run(workspace, tools, &self.project.reproduce, &folder).await?;
            if ran.ended == Ended::Exit(125) {
                return Err(Stop::Machine("reproduce cannot tell whether the error is gone".into()));
            }
            if ran.ended != Ended::Exit(0) {
                let command = self.project.reproduce.join(" ");
                return Err(failed(format!(
                    "with the change, `{command}` still fails:\n{}",
                    ran.output.tail(2000)
                )));
            }
        }
        self.did(StepName::Judge, begun, tests.clone());
        let text = format!("{}; with the change {tests} (before: {})", shown.text, baseline.summary());
        // What was never seen is a patch at most: a person decides whether it is the cause.
        let is_seen = shown.is_reproduced || is_approved;
        if self.reach < Reach::Branch || !is_seen {
            return Ok(Reached::Patch(text));
        }
        self.publish(workspace, origin, &tree, candidate.root_cause, text).await.map(Reached::Published)
    }

    /// The tree that is judged: the change, with existing tests as the base has them.
    async fn guarded(&self, workspace: &Workspace, shown: &Shown, tree: &str) -> Result<String, Stop> {
        let changes = workspace.changes(tree).await.map_err(unreadable)?;
        let refused = |why: String| Stop::Fixer(Verdict::GuardRejected, why);
        // Before anything is read: what is too much is not looked at.
        let reasons = self.refused(&changes, "");
        if !reasons.is_empty() {
            let names: String =
                changes.iter().take(200).map(|changed| format!("{}\n", changed.path)).collect();
            self.leave(Stage::Fix, ArtifactKind::Diff, &names).await?;
            return Err(refused(reasons.iter().take(20).cloned().collect::<Vec<_>>().join("; ")));
        }
        let (diff, is_text) = workspace.diff(tree).await.map_err(unreadable)?;
        let mut reasons = self.refused(&changes, &diff);
        if !is_text {
            reasons.push("it holds bytes that are no UTF-8".into());
        }
        if diff.len() > LONGEST_DIFF {
            reasons.push(format!("the change has {} KiB", diff.len() / 1024));
        }
        if !reasons.is_empty() {
            return self.rejected(&diff, &reasons).await;
        }
        let declared = declared_tests(workspace, &changes).await?;
        let is_test = |path: &String| is_test(path) || declared.contains(path);
        for changed in changes.iter().filter(|changed| !is_test(&changed.path)) {
            let text = async |tree: &str, is_missing: bool| match is_missing {
                true => Ok(String::new()),
                false => workspace.text(tree, &changed.path).await.map_err(unreadable),
            };
            let (before, after) =
                (text(&workspace.base, changed.is_new()).await?, text(tree, changed.is_deleted()).await?);
            let why = weakened(&changed.path, &before, &after);
            reasons.extend(why.map(|why| format!("{} {why}", changed.path)));
        }
        let deleted =
            changes.iter().filter(|changed| changed.is_deleted() && declared.contains(&changed.path));
        reasons.extend(deleted.map(|changed| format!("it deletes the test {}", changed.path)));
        if !reasons.is_empty() {
            return self.rejected(&diff, &reasons).await;
        }
        let existing: Vec<&Changed> =
            changes.iter().filter(|changed| !changed.is_new() && is_test(&changed.path)).collect();
        let tree = workspace.restored(tree, &existing).await.map_err(Stop::Machine)?;
        let left = workspace.changes(&tree).await.map_err(Stop::Machine)?;
        let is_reproduction =
            |changed: &&Changed| shown.file.as_ref().is_some_and(|(path, _)| changed.path == *path);
        if left.iter().filter(|changed| !is_reproduction(changed)).all(|changed| is_test(&changed.path)) {
            let why = if changes.iter().all(|changed| is_reproduction(&changed)) {
                "the fixer changed nothing"
            } else {
                "the fixer changed tests only, which does not mend the code"
            };
            return Err(Stop::Fixer(Verdict::NoChange, why.into()));
        }
        let (diff, _) = workspace.diff(&tree).await.map_err(Stop::Machine)?;
        self.leave(Stage::Fix, ArtifactKind::Diff, &diff).await?;
        Ok(tree)
    }

    /// Refuses a change, which is shown without secrets.
    async fn rejected<T>(&self, diff: &str, reasons: &[String]) -> Result<T, Stop> {
        let masked = self.agent.secrets.mask(diff);
        self.leave(Stage::Fix, ArtifactKind::Diff, &masked).await?;
        Err(Stop::Fixer(Verdict::GuardRejected, reasons.join("; ")))
    }

    /// Why the guard refuses a change.
    pub(super) fn refused(&self, changes: &[Changed], diff: &str) -> Vec<String> {
        let judges: Vec<&String> = self.project.test.iter().chain(&self.project.reproduce).collect();
        guard(
            changes,
            diff,
            &Rules { limits: &self.project.limits, secrets: &self.agent.secrets, judges: &judges },
        )
    }
}

/// The changed files that the base declares for its tests, whatever their names.
async fn declared_tests(workspace: &Workspace, changes: &[Changed]) -> Result<HashSet<String>, Stop> {
    let mut declared = HashSet::new();
    let paths = workspace.mirror().paths(&workspace.base).await.map_err(Stop::Machine)?;
    for path in changes.iter().filter(|changed| !changed.is_new()).map(|changed| &changed.path) {
        for declarer in declarers(path).into_iter().filter(|declarer| paths.contains(declarer)) {
            let text = workspace.text(&workspace.base, &declarer).await.map_err(unreadable)?;
            if declares_for_tests(&declarer, &text, path) {
                declared.insert(path.clone());
            }
        }
    }
    Ok(declared)
}
