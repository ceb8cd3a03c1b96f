//! Projects and their deployments.

use super::{Api, Error};
use http::Method;
use logcenter_core::{ProjectId, RegressionRule};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A project. Everyone but an administrator only gets its ID and name.
///
/// ```
/// # async fn say(api: logcenter_client::api::Api) -> Result<(), logcenter_client::api::Error> {
/// for project in api.projects().await? {
///     println!("{} ({})", project.project_id, project.name.as_deref().unwrap_or("no name"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Project {
    /// Its ID.
    pub project_id: ProjectId,
    /// Its display name.
    pub name: Option<String>,
    /// Its repository, checkout path, description, regression rule and times.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// An edit of a project: `None` leaves a field unchanged, `Some(None)` clears it.
///
/// ```
/// use logcenter_client::api::ProjectEdit;
///
/// let edit = ProjectEdit {
///     name: Some(Some("Shop".into())),
///     local_path: Some(None),
///     ..ProjectEdit::default()
/// };
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectEdit {
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Option<String>>,
    /// Git repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo_url: Option<Option<String>>,
    /// Checkout path on the repair agent's machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_path: Option<Option<String>>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Option<String>>,
    /// Which events reopen a fixed issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regression_rule: Option<RegressionRule>,
}

/// A deployment.
///
/// ```
/// # async fn tell(api: logcenter_client::api::Api) -> Result<(), Box<dyn std::error::Error>> {
/// use logcenter_client::api::Deployment;
///
/// let deployment = Deployment {
///     project_id: "shop".parse()?,
///     environment: "production".into(),
///     commit_hash: Some("4f2a9c1".into()),
///     commits: Vec::new(),
///     version: Some("1.4.0".into()),
/// };
/// println!("deployed with it: {:?}", api.deploy(&deployment).await?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Deployment {
    /// The project.
    pub project_id: ProjectId,
    /// The environment it was deployed to.
    pub environment: String,
    /// The commit that is running there now.
    pub commit_hash: Option<String>,
    /// The commits that were deployed with it.
    pub commits: Vec<String>,
    /// The deployed version.
    pub version: Option<String>,
}

#[derive(Deserialize)]
struct Projects {
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Deployed {
    deployed: Vec<i64>,
}

impl Api {
    /// Returns all projects, ordered by ID.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        Ok(self.get::<Projects>("/api/v1/projects", &()).await?.projects)
    }

    /// Returns one project.
    ///
    /// # Errors
    /// [`Error`]; 404 if there is no such project.
    pub async fn project(&self, project_id: &ProjectId) -> Result<Project, Error> {
        self.get(&format!("/api/v1/projects/{project_id}"), &()).await
    }

    /// Creates or edits a project.
    ///
    /// # Errors
    /// [`Error`]; 403 if a field has another value and the caller may not overwrite it.
    pub async fn edit_project(&self, project_id: &ProjectId, edit: &ProjectEdit) -> Result<Project, Error> {
        self.send_json(Method::PUT, &format!("/api/v1/projects/{project_id}"), edit).await
    }

    /// Records a deployment and returns the issues that became DEPLOYED because of it.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn deploy(&self, deployment: &Deployment) -> Result<Vec<i64>, Error> {
        Ok(self.send_json::<Deployed>(Method::POST, "/api/v1/deployments", deployment).await?.deployed)
    }
}
