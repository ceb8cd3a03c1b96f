//! Deployments, and the issues they affect.

use super::change::{Standing, Transition};
use super::history::{Actor, HistoryEntry};
use super::ids::{DeploymentId, IssueId};
use super::scope::Scope;
use super::text::{CommitHash, Environment, Note, Version};
use logcenter_core::{ProjectId, Status, Timestamp};

/// A reported deployment.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// The project.
    pub project_id: ProjectId,
    /// The environment that it was deployed to.
    pub environment: Environment,
    /// The commits it includes, the deployed one first; empty if none was given.
    pub commits: Vec<CommitHash>,
    /// The deployed version.
    pub version: Option<Version>,
    /// Who reports it.
    pub actor: Actor,
}

/// A deployment that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDeployment {
    /// Its id.
    pub id: DeploymentId,
    /// The project.
    pub project_id: ProjectId,
    /// The environment that it was deployed to.
    pub environment: Environment,
    /// The commits it includes, the deployed one first.
    pub commits: Vec<CommitHash>,
    /// The deployed version.
    pub version: Option<Version>,
    /// When it was reported.
    pub at: Timestamp,
    /// The issues that became DEPLOYED by it. Some may have been deleted since.
    pub deployed: Vec<IssueId>,
}

/// The filter of a list of deployments.
#[derive(Debug, Clone, Default)]
pub struct DeploymentFilter {
    /// Only deployments of this project.
    pub project_id: Option<ProjectId>,
    /// Only deployments of the projects that the caller can see.
    pub scope: Scope,
    /// Only deployments to this environment.
    pub environment: Option<String>,
    /// Whether only the first commit of each is read: a deployment may include thousands.
    pub first_commit_only: bool,
}

impl DeploymentFilter {
    /// What a page shows of a project.
    #[must_use]
    pub fn for_page_of(project_id: &ProjectId) -> Self {
        Self { project_id: Some(project_id.clone()), first_commit_only: true, ..Self::default() }
    }
}

impl Deployment {
    /// Shortest abbreviated commit hash that is compared with a full one.
    const SHORTEST_HASH: usize = 7;

    /// Whether the deployment includes a fix: the fix's commit is among the deployed ones (an abbreviated hash matches
    /// the full one), or no commits are known to compare.
    fn brings(&self, fix_commit: Option<&str>) -> bool {
        let Some(fix) = fix_commit else { return true };
        let same = |commit: &CommitHash| {
            let commit: &str = commit;
            let (short, long) = if commit.len() < fix.len() { (commit, fix) } else { (fix, commit) };
            short == long || (short.len() >= Self::SHORTEST_HASH && long.starts_with(short))
        };
        self.commits.is_empty() || self.commits.iter().any(same)
    }

    /// Applies the deployment to an issue of its project that was seen in its environment. `None` if the issue is
    /// unaffected.
    #[must_use]
    pub fn moves(&self, issue: &Standing, now: Timestamp) -> Option<Transition> {
        let fix_commit = issue.fix.as_ref().and_then(|fix| fix.commit_hash.as_deref());
        if issue.status != Status::Verified || !self.brings(fix_commit) {
            return None;
        }
        let release = self.version.as_ref().map(|version| format!(" as {version}")).unwrap_or_default();
        let mut transition = issue.moved(HistoryEntry {
            from: issue.status,
            to: Status::Deployed,
            actor: self.actor.clone(),
            note: Some(Note::cut(&format!("Deployed to {}{release}", self.environment))),
            at: now,
            forced: false,
            commit_hash: self.commits.first().cloned(),
            pull_request_url: None,
        });
        // The deployed commit is not the fix itself; it only contains it.
        if issue.fix.is_some() {
            transition.after.fix.clone_from(&issue.fix);
        }
        Some(transition)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fix::Fix;
    use super::super::ids::Revision;
    use super::*;

    fn deployment(commits: &[&str]) -> Deployment {
        Deployment {
            project_id: "shop".parse().unwrap(),
            environment: Environment::cut("production"),
            commits: commits.iter().map(|commit| CommitHash::cut(commit)).collect(),
            version: Some(Version::cut("1.2")),
            actor: Actor::person(None),
        }
    }

    fn issue(status: Status, commit: Option<&str>) -> Standing {
        let fix = Fix {
            since: Timestamp::from_millis(1),
            commit_hash: commit.map(CommitHash::cut),
            branch: None,
            pull_request_url: None,
            verified_at: None,
        };
        Standing { status, revision: Revision(2), fix: Some(fix) }
    }

    #[test]
    fn it_moves_verified_issues_whose_fix_it_brought() {
        let long = "0123456789abcdef";
        let rows = [
            (&["0123456"][..], Some(long), true),
            (&[long], Some("0123456"), true),
            (&[long], Some("012345"), false),
            (&["ffffffff", long], Some(long), true),
            (&["ffffffff"], Some(long), false),
            (&[], Some(long), true),
            (&["ffffffff"], None, true),
        ];
        for (commits, fix, moved) in rows {
            let made = deployment(commits).moves(&issue(Status::Verified, fix), Timestamp::from_millis(5));
            assert_eq!(made.is_some(), moved, "{commits:?} {fix:?}");
        }
    }

    #[test]
    fn it_leaves_every_other_status_alone() {
        for &status in Status::ALL.iter().filter(|status| **status != Status::Verified) {
            assert_eq!(
                deployment(&[]).moves(&issue(status, None), Timestamp::from_millis(5)),
                None,
                "{status}"
            );
        }
    }

    #[test]
    fn the_history_says_where_to_and_the_fix_stays_as_it_was() {
        let before = issue(Status::Verified, Some("0123456789"));
        let made = deployment(&["ffffffff", "0123456789"]).moves(&before, Timestamp::from_millis(5)).unwrap();
        assert_eq!(made.after, Standing { status: Status::Deployed, revision: Revision(3), ..before });
        assert_eq!(made.entry.note.as_deref(), Some("Deployed to production as 1.2"));
        assert_eq!(made.entry.commit_hash.as_deref(), Some("ffffffff"));
        assert!(!made.entry.forced);
    }
}
