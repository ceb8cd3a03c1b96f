//! Judge: what the tests say of a change in a fresh tree.

use super::fix::Candidate;
use super::verify::Shown;
use super::{Attempt, Reached, Stop};
use crate::address::Origin;
use crate::clock;
use crate::config::Reach;
use crate::ended::StepName;
use crate::git::Workspace;
use crate::judge::{Baseline, compare};
use crate::sandbox::{Ended, Toolchain};
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};

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
}
