//! What clients ask for.

use super::words;
use crate::api::extract::fields::{Fields, Given};
use crate::api::problem::Problem;
use crate::domain::project::FieldEdit;
use crate::domain::text::{
    ActorName, CommitHash, Description, Environment, LocalPath, Note, ProjectName, Text, Url, Version,
};
use crate::domain::{self, Actor, Override, ProjectEdit, Revision};
use logcenter_core::{ProjectId, RegressionRule, Status};
use utoipa::ToSchema;

/// Commits that one deployment may name.
const MAX_COMMITS: usize = 10_000;

/// A status change.
#[derive(ToSchema)]
pub(crate) struct Change {
    /// The status that the issue is to have.
    #[schema(value_type = words::Status)]
    pub(crate) status: Status,
    /// Refuse (409) unless the issue has this status.
    #[schema(value_type = Option<words::Status>)]
    expected_status: Option<Status>,
    /// Refuse (409) unless the issue has this revision.
    expected_revision: Option<i64>,
    /// Why. Required with `force`.
    #[schema(inline)]
    note: Option<Note>,
    /// Who, for the history.
    #[schema(inline)]
    actor: Option<ActorName>,
    /// Override the table of transitions.
    #[schema(value_type = Option<bool>)]
    force: bool,
    /// The commit that goes with it.
    #[schema(inline)]
    commit_hash: Option<CommitHash>,
    /// The pull request that goes with it.
    #[schema(inline)]
    pull_request_url: Option<Url>,
}

impl Change {
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Problem> {
        let status = fields.required("status");
        let (note, force) = (fields.text("note"), fields.boolean("force"));
        let actor = fields.text("actor");
        let expected_status = fields.parsed("expected_status");
        let expected_revision = fields.integer("expected_revision");
        let (commit_hash, pull_request_url) = (fields.text("commit_hash"), fields.text("pull_request_url"));
        fields.check("note", !force || note.is_some(), "is required with force: say why");
        let status = fields.finish(status)?;
        Ok(Self {
            status,
            expected_status,
            expected_revision,
            note,
            actor,
            force,
            commit_hash,
            pull_request_url,
        })
    }
}

impl From<Change> for domain::Change {
    fn from(change: Change) -> Self {
        Self {
            to: change.status,
            actor: Actor::person(change.actor),
            expected_status: change.expected_status,
            expected_revision: change.expected_revision.map(Revision),
            note: change.note,
            overriding: if change.force { Override::Force } else { Override::No },
            commit_hash: change.commit_hash,
            pull_request_url: change.pull_request_url,
        }
    }
}

/// A project's metadata. A field left out stays as it is; `null` or an empty text empties it.
#[derive(ToSchema)]
pub(crate) struct ProjectMetadata {
    /// What it is called.
    #[schema(inline, value_type = Option<ProjectName>)]
    name: FieldEdit<ProjectName>,
    /// Its git repository.
    #[schema(inline, value_type = Option<Url>)]
    repo_url: FieldEdit<Url>,
    /// Where it lies on the repair agent's machine.
    #[schema(inline, value_type = Option<LocalPath>)]
    local_path: FieldEdit<LocalPath>,
    /// What it is.
    #[schema(inline, value_type = Option<Description>)]
    description: FieldEdit<Description>,
    /// Which events reopen a fixed issue.
    #[schema(value_type = Option<words::RegressionRule>)]
    regression_rule: Option<RegressionRule>,
}

fn edit<const MAX: usize>(given: Given<Text<MAX>>) -> FieldEdit<Text<MAX>> {
    match given {
        Given::Absent => FieldEdit::Keep,
        Given::Null => FieldEdit::Clear,
        Given::Value(text) => FieldEdit::Set(text),
    }
}

impl ProjectMetadata {
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Problem> {
        let read = Self {
            name: edit(fields.given("name")),
            repo_url: edit(fields.given("repo_url")),
            local_path: edit(fields.given("local_path")),
            description: edit(fields.given("description")),
            regression_rule: fields.parsed("regression_rule"),
        };
        fields.finish(Some(read))
    }
}

impl From<ProjectMetadata> for ProjectEdit {
    fn from(metadata: ProjectMetadata) -> Self {
        let ProjectMetadata { name, repo_url, local_path, description, regression_rule } = metadata;
        Self { name, repo_url, local_path, description, regression_rule, expected_updated_at: None }
    }
}

/// A deployment.
#[derive(ToSchema)]
pub(crate) struct Deployment {
    /// The project that was deployed.
    #[schema(value_type = String, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    project_id: ProjectId,
    /// The environment that it was deployed to.
    #[schema(inline)]
    environment: Environment,
    /// The commit that was deployed.
    #[schema(inline)]
    commit_hash: Option<CommitHash>,
    /// The commits that it brought.
    #[schema(inline, max_items = 10_000, value_type = Option<Vec<CommitHash>>)]
    commits: Vec<CommitHash>,
    /// Its version.
    #[schema(inline)]
    version: Option<Version>,
}

impl Deployment {
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Problem> {
        let project_id = fields.required("project_id");
        let environment = fields.required_text("environment");
        let commit_hash = fields.text("commit_hash");
        let commits = fields.texts("commits", MAX_COMMITS);
        let version = fields.text("version");
        let (project_id, environment) = fields.finish(project_id.zip(environment))?;
        Ok(Self { project_id, environment, commit_hash, commits, version })
    }
}

impl From<Deployment> for domain::Deployment {
    fn from(deployment: Deployment) -> Self {
        let Deployment { project_id, environment, commit_hash, commits, version } = deployment;
        let commits = commit_hash.into_iter().chain(commits).collect();
        Self { project_id, environment, commits, version, actor: Actor::person(None) }
    }
}
