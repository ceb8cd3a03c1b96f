//! Which project a Kubernetes `app` label belongs to.

use crate::ProjectId;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;

/// The project a label belongs to, and whether it is the `-dev` label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectLabel {
    /// The project.
    pub project_id: ProjectId,
    /// Whether it is the `-dev` label, whose errors belong to the environment `development`.
    pub development: bool,
}

/// Maps `app` labels to projects: a project's ID with `_` replaced by `-`, and the same with `-dev` appended.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    map: BTreeMap<String, ProjectLabel>,
    ambiguous: BTreeSet<String>,
}

impl Labels {
    /// Maps the labels of these projects. If two projects claim a label, the exact label wins over a `-dev` one. If
    /// both claims are of the same kind, the label belongs to nobody and is listed in [`ambiguous`](Self::ambiguous).
    ///
    /// ```
    /// use logcenter_core::k8s_label::Labels;
    /// let labels = Labels::new(["rtc_backend".parse().unwrap()]);
    /// assert_eq!(labels.find("rtc-backend-dev").unwrap().project_id.as_str(), "rtc_backend");
    /// ```
    #[must_use]
    pub fn new(projects: impl IntoIterator<Item = ProjectId>) -> Self {
        let projects: BTreeSet<ProjectId> = projects.into_iter().collect();
        let mut labels = Self::default();
        for development in [false, true] {
            let mut claims: BTreeMap<String, Option<ProjectId>> = BTreeMap::new();
            for project in &projects {
                let exact = project.as_str().replace('_', "-");
                let label = if development { format!("{exact}-dev") } else { exact };
                claims
                    .entry(label)
                    .and_modify(|claim| *claim = None)
                    .or_insert_with(|| Some(project.clone()));
            }
            for (label, claim) in claims {
                if labels.map.contains_key(&label) || labels.ambiguous.contains(&label) {
                    continue;
                }
                match claim {
                    Some(project_id) => {
                        labels.map.insert(label, ProjectLabel { project_id, development });
                    }
                    None => {
                        labels.ambiguous.insert(label);
                    }
                }
            }
        }
        labels
    }

    /// The project that a label belongs to.
    #[must_use]
    pub fn find(&self, label: &str) -> Option<&ProjectLabel> {
        self.map.get(label)
    }

    /// Labels that several projects claim equally; worth a warning.
    pub fn ambiguous(&self) -> impl Iterator<Item = &str> {
        self.ambiguous.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ids: &[&str]) -> Labels {
        Labels::new(ids.iter().map(|id| id.parse().unwrap()))
    }

    #[test]
    fn underscores_become_hyphens() {
        let labels = labels(&["log_center_api"]);
        let exact = labels.find("log-center-api").unwrap();
        assert_eq!((exact.project_id.as_str(), exact.development), ("log_center_api", false));
        assert!(labels.find("log-center-api-dev").unwrap().development);
        assert_eq!(labels.find("log_center_api"), None);
    }

    #[test]
    fn the_exact_label_wins_over_dev() {
        let labels = labels(&["web", "web_dev"]);
        let found = labels.find("web-dev").unwrap();
        assert_eq!((found.project_id.as_str(), found.development), ("web_dev", false));
        assert_eq!(labels.ambiguous().count(), 0);
    }

    #[test]
    fn two_alike_claims_belong_to_nobody() {
        let labels = labels(&["a_b", "a-b"]);
        assert_eq!(labels.find("a-b"), None);
        assert_eq!(labels.ambiguous().collect::<alloc::vec::Vec<_>>(), ["a-b", "a-b-dev"]);
    }
}
