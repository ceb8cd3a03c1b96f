//! A recorded deployment as JSON.

use crate::domain;
use crate::domain::text::Text;
use logcenter_core::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A recorded deployment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptDeployment {
    /// Its id.
    id: i64,
    /// The project that was deployed.
    project_id: String,
    /// The environment it was deployed to.
    environment: String,
    /// Version that was deployed.
    version: Option<String>,
    /// The commit that was deployed.
    commit_hash: Option<String>,
    /// The commits that it includes, the deployed one first.
    commits: Vec<String>,
    /// When it was reported.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The issues that became DEPLOYED. Some may have been deleted since.
    deployed: Vec<i64>,
}

impl From<domain::KeptDeployment> for KeptDeployment {
    fn from(deployment: domain::KeptDeployment) -> Self {
        let commits: Vec<String> = deployment.commits.into_iter().map(Text::into_string).collect();
        Self {
            id: deployment.id.0,
            project_id: deployment.project_id.as_str().to_owned(),
            environment: deployment.environment.into_string(),
            version: deployment.version.map(Text::into_string),
            commit_hash: commits.first().cloned(),
            commits,
            at: deployment.at,
            deployed: deployment.deployed.into_iter().map(|id| id.0).collect(),
        }
    }
}
