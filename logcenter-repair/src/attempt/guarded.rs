//! Which tree is judged: the change, if it touches nothing that it must not, with the tests that were there.

use super::fix::unreadable;
use super::verify::Shown;
use super::{Attempt, Stop};
use crate::git::{Changed, Workspace};
use crate::judge::{Rules, declarers, declares_for_tests, guard, is_test, weakened};
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use std::collections::{BTreeSet, HashSet};

/// A diff that is longer cannot be read by a person, who may have to approve it.
const LONGEST_DIFF: usize = 256 * 1024;

impl Attempt<'_> {
    /// The tree that is judged: the change, with existing tests as the base has them.
    pub(super) async fn guarded(
        &self,
        workspace: &Workspace,
        shown: &Shown,
        tree: &str,
    ) -> Result<String, Stop> {
        let changes = workspace.changes(tree).await.map_err(unreadable)?;
        // Before anything is read: what is too much is not looked at.
        let reasons = self.refused(&changes, "");
        if !reasons.is_empty() {
            let names: String =
                changes.iter().take(200).map(|changed| format!("{}\n", changed.path)).collect();
            return self.rejected(&names, &reasons[..reasons.len().min(20)]).await;
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
        let all = workspace.mirror().paths(&workspace.base).await.map_err(Stop::Machine)?;
        let declared = declared_tests(workspace, &changes, &all).await?;
        let reasons = weakened_files(workspace, tree, &changes, &all, &declared).await?;
        if !reasons.is_empty() {
            return self.rejected(&diff, &reasons).await;
        }
        let is_test = |path: &String| is_test(path) || declared.contains(path);
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

/// Why the tests would no longer be what they were: what is said of those in source files, and tests that are deleted.
async fn weakened_files(
    workspace: &Workspace,
    tree: &str,
    changes: &[Changed],
    all: &BTreeSet<String>,
    declared: &HashSet<String>,
) -> Result<Vec<String>, Stop> {
    let is_rust = all.iter().any(|path| path == "Cargo.toml" || path.ends_with("/Cargo.toml"));
    let mut reasons = Vec::new();
    for changed in changes {
        let path = &changed.path;
        if declared.contains(path) {
            reasons.extend(changed.is_deleted().then(|| format!("it deletes the test {path}")));
        } else if !is_test(path) {
            let text = async |tree: &str, is_missing: bool| match is_missing {
                true => Ok(String::new()),
                false => workspace.text(tree, path).await.map_err(unreadable),
            };
            let before = text(&workspace.base, changed.is_new()).await?;
            let after = text(tree, changed.is_deleted()).await?;
            reasons.extend(weakened(path, &before, &after, is_rust).map(|why| format!("{path} {why}")));
        }
    }
    Ok(reasons)
}

/// The changed files that the base declares for its tests, whatever their names.
async fn declared_tests(
    workspace: &Workspace,
    changes: &[Changed],
    all: &BTreeSet<String>,
) -> Result<HashSet<String>, Stop> {
    let is_one = |changed: &&Changed| !changed.is_new() && changed.path.ends_with(".rs");
    let sources: Vec<&String> = changes.iter().filter(is_one).map(|changed| &changed.path).collect();
    if sources.is_empty() {
        return Ok(HashSet::new());
    }
    let naming = workspace.mirror().naming_paths(&workspace.base).await.map_err(Stop::Machine)?;
    let mut declared = HashSet::new();
    for path in sources {
        for declarer in declarers(path, all).into_iter().chain(&naming).filter(|declarer| *declarer != path) {
            let text = workspace.text(&workspace.base, declarer).await.map_err(unreadable)?;
            if declares_for_tests(declarer, &text, path) {
                declared.insert(path.clone());
                break;
            }
        }
    }
    Ok(declared)
}
