//! A deployment that was reported.

use logcenter_core::ProjectId;

/// Something was deployed.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// The project.
    pub project_id: ProjectId,
    /// Where to.
    pub environment: String,
    /// The commits it brought, the deployed one among them; empty when none was said.
    pub commits: Vec<String>,
    /// Its version.
    pub version: Option<String>,
    /// Who reports it.
    pub actor: String,
}

impl Deployment {
    /// Whether it brought a fix: its commit is among the deployed ones (a short hash stands for the long one), or
    /// nothing is known that could tell.
    #[must_use]
    pub fn brings(&self, fix_commit: Option<&str>) -> bool {
        let Some(fix) = fix_commit else { return true };
        let same = |commit: &String| {
            let (short, long) =
                if commit.len() < fix.len() { (commit.as_str(), fix) } else { (fix, commit.as_str()) };
            short == long || (short.len() >= 7 && long.starts_with(short))
        };
        self.commits.is_empty() || self.commits.iter().any(same)
    }
}
