//! Attempts: what an agent did under one lease.

use crate::domain::ids::{AttemptId, Epoch, IssueId};
use crate::domain::text::{Branch, CommitHash, Note, Url};
use logcenter_core::Timestamp;
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};

/// What an attempt cost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cost {
    /// Money, in US dollars.
    pub usd: Option<f64>,
    /// Tokens of a language model.
    pub tokens: Option<i64>,
    /// Time, in seconds.
    pub seconds: Option<f64>,
}

/// What an agent did under one lease.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The issue.
    pub issue_id: IssueId,
    /// Which claim of the issue it belongs to.
    pub epoch: Epoch,
    /// The agent's name.
    pub worker: String,
    /// How far it has come.
    pub stage: Stage,
    /// What it found out, or how it ended.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reason: Option<Note>,
    /// The commit it began from.
    pub base_commit: Option<CommitHash>,
    /// The branch it began from, which its fix is meant for.
    pub base_branch: Option<Branch>,
    /// The commit of the fix.
    pub commit_hash: Option<CommitHash>,
    /// The branch of the fix.
    pub branch: Option<Branch>,
    /// The pull request of the fix.
    pub pull_request_url: Option<Url>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; then it is never changed any more.
    pub ended_at: Option<Timestamp>,
    /// What it cost.
    pub cost: Cost,
}

/// A text that an attempt left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// What it is.
    pub kind: ArtifactKind,
    /// The text, as far as it is kept.
    pub text: String,
    /// Its whole length, in bytes.
    pub bytes: i64,
    /// Whether something is missing in the middle.
    pub truncated: bool,
}

/// What an agent reports of its attempt. What it leaves out stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptUpdate {
    /// How far it has come.
    pub stage: Stage,
    /// What it found out, or how it ended.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reason: Option<Note>,
    /// The commit it began from.
    pub base_commit: Option<CommitHash>,
    /// The branch it began from, which its fix is meant for.
    pub base_branch: Option<Branch>,
    /// The commit of the fix.
    pub commit_hash: Option<CommitHash>,
    /// The branch of the fix.
    pub branch: Option<Branch>,
    /// The pull request of the fix.
    pub pull_request_url: Option<Url>,
    /// What it cost so far.
    pub cost: Cost,
    /// What it leaves behind; one of a kind replaces an earlier one.
    pub artifacts: Vec<Artifact>,
}

/// Why an attempt cannot be updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It has ended.
    Ended,
    /// A fix is published with its branch and commit.
    Incomplete,
}

impl AttemptUpdate {
    /// Whether it is the intent to push, which a person who wants the work to stop prevents.
    #[must_use]
    pub fn is_intent(&self, before: Option<&Attempt>) -> bool {
        let was_told = before.is_some_and(|attempt| attempt.stage == Stage::Publish);
        self.stage == Stage::Publish && !was_told && !self.verdict.is_some_and(Verdict::ends)
    }
}

impl Attempt {
    /// The attempt that begins with an update.
    #[must_use]
    pub fn begun(id: AttemptId, issue_id: IssueId, epoch: Epoch, worker: &str, now: Timestamp) -> Self {
        Self {
            id,
            issue_id,
            epoch,
            worker: worker.into(),
            stage: Stage::Verify,
            verdict: None,
            reason: None,
            base_commit: None,
            base_branch: None,
            commit_hash: None,
            branch: None,
            pull_request_url: None,
            started_at: now,
            ended_at: None,
            cost: Cost::default(),
        }
    }

    /// Whether it meant to push a branch and may have done so, without the issue becoming FIXED: what a later attempt
    /// can resume.
    #[must_use]
    pub const fn is_resumable(&self) -> bool {
        matches!(self.stage, Stage::Publish)
            && matches!(self.verdict, Some(Verdict::Abandoned | Verdict::InfraError))
            && self.branch.is_some()
            && self.commit_hash.is_some()
    }
}

/// What a new attempt can resume: of the attempts at an issue, newest first, the first that may have pushed its fix, unless
/// a later one came to another end.
#[must_use]
pub fn resumable(attempts: Vec<Attempt>) -> Option<Attempt> {
    let is_open = |attempt: &Attempt| {
        matches!(attempt.verdict, Some(Verdict::Abandoned | Verdict::InfraError | Verdict::Cancelled))
    };
    attempts.into_iter().take_while(is_open).find(Attempt::is_resumable)
}

/// Applies an update.
///
/// # Errors
/// [`Refused`]; then nothing is changed.
pub fn update(attempt: Attempt, update: &AttemptUpdate, now: Timestamp) -> Result<Attempt, Refused> {
    if attempt.ended_at.is_some() {
        return Err(Refused::Ended);
    }
    let (cost, earlier) = (update.cost, attempt.cost);
    let updated = Attempt {
        stage: attempt.stage.max(update.stage),
        verdict: update.verdict.or(attempt.verdict),
        reason: update.reason.clone().or(attempt.reason),
        base_commit: update.base_commit.clone().or(attempt.base_commit),
        base_branch: update.base_branch.clone().or(attempt.base_branch),
        commit_hash: update.commit_hash.clone().or(attempt.commit_hash),
        branch: update.branch.clone().or(attempt.branch),
        pull_request_url: update.pull_request_url.clone().or(attempt.pull_request_url),
        ended_at: update.verdict.filter(|verdict| verdict.ends()).map(|_| now),
        cost: Cost {
            usd: cost.usd.or(earlier.usd),
            tokens: cost.tokens.or(earlier.tokens),
            seconds: cost.seconds.or(earlier.seconds),
        },
        ..attempt
    };
    let is_named = updated.branch.is_some() && updated.commit_hash.is_some();
    if updated.stage == Stage::Publish && !is_named { Err(Refused::Incomplete) } else { Ok(updated) }
}

#[cfg(test)]
pub(super) fn attempt(stage: Stage, verdict: Option<Verdict>) -> Attempt {
    let now = Timestamp::from_millis(1);
    let begun = Attempt::begun(AttemptId(5), IssueId(7), Epoch(3), "repair-1", now);
    let ended_at = verdict.filter(|verdict| verdict.ends()).map(|_| now);
    Attempt { stage, verdict, ended_at, ..begun }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(9);

    fn next(stage: Stage, verdict: Option<Verdict>) -> AttemptUpdate {
        AttemptUpdate {
            stage,
            verdict,
            reason: None,
            base_commit: None,
            base_branch: None,
            commit_hash: None,
            branch: None,
            pull_request_url: None,
            cost: Cost::default(),
            artifacts: Vec::new(),
        }
    }

    #[test]
    fn an_update_adds_to_what_is_known() {
        let base = Some(CommitHash::cut("aaa"));
        let cost = Cost { usd: Some(0.5), tokens: None, seconds: Some(2.0) };
        let first = AttemptUpdate { base_commit: base.clone(), cost, ..next(Stage::Verify, None) };
        let one = update(attempt(Stage::Verify, None), &first, NOW).unwrap();
        let seconds = Cost { seconds: Some(9.0), ..Cost::default() };
        let second = AttemptUpdate { cost: seconds, ..next(Stage::Fix, Some(Verdict::Reproduced)) };
        let two = update(one, &second, NOW).unwrap();
        assert_eq!((two.stage, two.verdict), (Stage::Fix, Some(Verdict::Reproduced)));
        assert_eq!((two.base_commit, two.ended_at), (base, None));
        assert_eq!(two.cost, Cost { usd: Some(0.5), tokens: None, seconds: Some(9.0) });
    }

    #[test]
    fn what_has_ended_is_never_changed() {
        for &verdict in Verdict::ALL {
            let made = update(attempt(Stage::Fix, None), &next(Stage::Fix, Some(verdict)), NOW).unwrap();
            assert_eq!(made.ended_at.is_some(), verdict.ends(), "{verdict}");
            let again = update(made, &next(Stage::Fix, None), NOW);
            assert_eq!(again.is_err(), verdict.ends(), "{verdict}");
        }
    }

    #[test]
    fn a_fix_is_published_with_its_branch_and_commit() {
        let publish = next(Stage::Publish, None);
        let refused = update(attempt(Stage::Fix, Some(Verdict::Fixed)), &publish, NOW);
        assert_eq!(refused, Err(Refused::Incomplete));
        let (branch, commit_hash) = (Some(Branch::cut("b")), Some(CommitHash::cut("c")));
        let complete = AttemptUpdate { branch, commit_hash, ..publish };
        let intent = update(attempt(Stage::Fix, Some(Verdict::Fixed)), &complete, NOW).unwrap();
        assert!(!intent.is_resumable());
        let lost = |verdict| Attempt { verdict: Some(verdict), ..intent.clone() };
        assert!(lost(Verdict::Abandoned).is_resumable() && lost(Verdict::InfraError).is_resumable());
        assert!(!lost(Verdict::TestsFailed).is_resumable());
        assert!(!Attempt { branch: None, ..lost(Verdict::Abandoned) }.is_resumable());
    }

    #[test]
    fn what_was_pushed_is_resumed_until_an_attempt_comes_to_another_end() {
        let (branch, commit_hash) = (Some(Branch::cut("b")), Some(CommitHash::cut("c")));
        let pushed = Attempt { branch, commit_hash, ..attempt(Stage::Publish, Some(Verdict::Abandoned)) };
        let later = |verdict| attempt(Stage::Verify, Some(verdict));
        assert_eq!(resumable(vec![pushed.clone()]).as_ref(), Some(&pushed));
        for verdict in [Verdict::Abandoned, Verdict::InfraError, Verdict::Cancelled] {
            assert_eq!(resumable(vec![later(verdict), pushed.clone()]).as_ref(), Some(&pushed), "{verdict}");
        }
        for verdict in [Verdict::TestsFailed, Verdict::Fixed, Verdict::NotReproduced] {
            assert_eq!(resumable(vec![later(verdict), pushed.clone()]), None, "{verdict}");
        }
        assert_eq!(resumable(Vec::new()), None);
    }

    #[test]
    fn an_intent_is_told_once_and_a_stage_never_goes_back() {
        let publish = next(Stage::Publish, None);
        let (fixing, told) = (attempt(Stage::Fix, None), attempt(Stage::Publish, None));
        assert!(publish.is_intent(None) && publish.is_intent(Some(&fixing)));
        assert!(!publish.is_intent(Some(&told)) && !next(Stage::Fix, None).is_intent(None));
        assert!(!next(Stage::Publish, Some(Verdict::Cancelled)).is_intent(Some(&fixing)));
        let (branch, commit_hash) = (Some(Branch::cut("b")), Some(CommitHash::cut("c")));
        let told = Attempt { branch, commit_hash, ..told };
        assert_eq!(update(told, &next(Stage::Fix, None), NOW).unwrap().stage, Stage::Publish);
    }
}
