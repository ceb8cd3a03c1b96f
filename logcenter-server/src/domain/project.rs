//! A project: what errors belong to, and what the repair agent needs to know of it.

use crate::schema;
use logcenter_core::{ProjectId, RegressionRule, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A project and its metadata.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Project {
    /// Its id.
    #[schema(value_type = String, example = "rtc_backend")]
    pub project_id: ProjectId,
    /// What it is called.
    pub name: Option<String>,
    /// Its git repository.
    pub repo_url: Option<String>,
    /// Where it lies on the repair agent's machine.
    pub local_path: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Whether `name`, `repo_url` and `local_path` are there, which the repair agent needs.
    pub complete: bool,
    /// Which events reopen a fixed issue.
    #[schema(value_type = schema::RegressionRule)]
    pub regression_rule: RegressionRule,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When its metadata was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What is to become of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Edit {
    /// It stays.
    #[default]
    Keep,
    /// It becomes empty.
    Clear,
    /// It becomes this.
    Set(String),
}

impl Edit {
    /// The field after the edit.
    #[must_use]
    pub fn apply(self, current: Option<String>) -> Option<String> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(text) => Some(text),
        }
    }

    /// Whether the edit only fills the field where it is empty, or repeats what it holds.
    #[must_use]
    pub fn only_fills(&self, current: Option<&str>) -> bool {
        match self {
            Self::Keep => true,
            Self::Clear => current.is_none(),
            Self::Set(text) => current.is_none_or(|current| current == text),
        }
    }
}

/// An edit of a project's metadata.
#[derive(Debug, Clone, Default)]
pub struct ProjectEdit {
    /// What it is called.
    pub name: Edit,
    /// Its git repository.
    pub repo_url: Edit,
    /// Where it lies on the repair agent's machine.
    pub local_path: Edit,
    /// What it is.
    pub description: Edit,
    /// Which events reopen a fixed issue.
    pub regression_rule: Option<RegressionRule>,
    /// The `updated_at` that the editor saw: if it is another by now, nothing is changed.
    pub expected_updated_at: Option<Timestamp>,
}

impl ProjectEdit {
    /// The fields that the edit would change although they hold something else already.
    #[must_use]
    pub fn overwrites(&self, current: Option<&Project>) -> Vec<&'static str> {
        let of =
            |field: fn(&Project) -> &Option<String>| current.and_then(|project| field(project).as_deref());
        let texts = [
            ("name", self.name.only_fills(of(|project| &project.name))),
            ("repo_url", self.repo_url.only_fills(of(|project| &project.repo_url))),
            ("local_path", self.local_path.only_fills(of(|project| &project.local_path))),
            ("description", self.description.only_fills(of(|project| &project.description))),
        ];
        let rule = current.map_or(RegressionRule::default(), |project| project.regression_rule);
        let rule = ("regression_rule", self.regression_rule.is_none_or(|wanted| wanted == rule));
        texts.into_iter().chain([rule]).filter(|(_, fills)| !fills).map(|(field, _)| field).collect()
    }
}
