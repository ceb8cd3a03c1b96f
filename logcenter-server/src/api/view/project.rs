//! A project as JSON.

use super::words;
use crate::domain;
use crate::domain::text::Text;
use logcenter_core::{ProjectId, RegressionRule, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A project and its metadata.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Project {
    /// Id of the project.
    #[schema(value_type = String, example = "rtc_backend")]
    project_id: ProjectId,
    /// Display name.
    name: Option<String>,
    /// URL of the git repository.
    repo_url: Option<String>,
    /// Checkout path on the repair agent's machine.
    local_path: Option<String>,
    /// Description.
    description: Option<String>,
    /// Whether `name`, `repo_url` and `local_path` are all set, as the repair agent needs.
    complete: bool,
    /// Which events reopen a fixed issue.
    #[schema(value_type = words::RegressionRule)]
    regression_rule: RegressionRule,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its metadata was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<domain::Project> for Project {
    fn from(project: domain::Project) -> Self {
        Self {
            complete: project.is_complete(),
            project_id: project.project_id,
            name: project.name.map(Text::into_string),
            repo_url: project.repo_url.map(Text::into_string),
            local_path: project.local_path.map(Text::into_string),
            description: project.description.map(Text::into_string),
            regression_rule: project.regression_rule,
            created_at: project.created_at,
            updated_at: project.updated_at,
        }
    }
}
