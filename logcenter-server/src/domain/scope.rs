//! Which projects a caller can see.

use logcenter_core::ProjectId;
use std::sync::Arc;

/// The projects that a caller can see. Whatever lies outside does not exist for them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Scope {
    /// All of them.
    #[default]
    All,
    /// Only these.
    Projects(Arc<[ProjectId]>),
}

impl Scope {
    /// Whether a project is visible.
    #[must_use]
    pub fn holds(&self, project_id: &ProjectId) -> bool {
        match self {
            Self::All => true,
            Self::Projects(projects) => projects.contains(project_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_holds_the_projects_that_it_names() {
        let (shop, other): (ProjectId, ProjectId) = ("shop".parse().unwrap(), "other".parse().unwrap());
        assert!(Scope::All.holds(&shop));
        let one = Scope::Projects([shop.clone()].into());
        assert!(one.holds(&shop) && !one.holds(&other));
    }
}
