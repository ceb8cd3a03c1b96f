//! Request bodies.

use super::words;
use crate::access::Caller;
use crate::api::extract::fields::{FieldValue, Fields};
use crate::api::problem::Problem;
use crate::domain::project::FieldEdit;
use crate::domain::repair::LeaseProof;
use crate::domain::text::{
    ActorName, CommitHash, Description, Environment, LeaseToken, LocalPath, Note, ProjectName, Text, Url,
    Version,
};
use crate::domain::{self, Actor, Override, ProjectEdit, Revision, SecretHash};
use logcenter_core::{ProjectId, RegressionRule, Status};
use utoipa::ToSchema;

/// Maximum number of commits in one deployment.
const MAX_COMMITS: usize = 10_000;

/// A status change.
#[derive(ToSchema)]
pub(crate) struct Change {
    /// The new status.
    #[schema(value_type = words::Status)]
    pub(crate) status: Status,
    /// Fail with 409 unless the issue has this status.
    #[schema(value_type = Option<words::Status>)]
    expected_status: Option<Status>,
    /// Fail with 409 unless the issue has this revision.
    expected_revision: Option<i64>,
    /// Reason for the change. Required with `force`.
    #[schema(inline)]
    note: Option<Note>,
    /// Author of the change, for the history.
    #[schema(inline)]
    actor: Option<ActorName>,
    /// Skip the transition rules.
    #[schema(value_type = Option<bool>)]
    force: bool,
    /// Related commit.
    #[schema(inline)]
    commit_hash: Option<CommitHash>,
    /// Related pull request.
    #[schema(inline)]
    pull_request_url: Option<Url>,
    /// The token of the lease under which the agent makes the change.
    #[schema(inline)]
    lease_token: Option<LeaseToken>,
}

impl Change {
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Problem> {
        let status = fields.required("status");
        let (note, force) = (fields.text("note"), fields.boolean("force"));
        let actor = fields.text("actor");
        let expected_status = fields.parsed("expected_status");
        let expected_revision = fields.integer("expected_revision");
        let (commit_hash, pull_request_url) = (fields.text("commit_hash"), fields.text("pull_request_url"));
        let lease_token = fields.text("lease_token");
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
            lease_token,
        })
    }
}

impl Change {
    /// The lease under which it is to be made.
    pub(crate) fn proof(&self) -> Option<LeaseProof> {
        self.lease_token.as_ref().map(|token| LeaseProof(SecretHash::of(token)))
    }

    /// The change, as asked for by this caller.
    pub(crate) fn by(self, caller: &Caller) -> domain::Change {
        domain::Change {
            to: self.status,
            actor: caller.actor(self.actor),
            expected_status: self.expected_status,
            expected_revision: self.expected_revision.map(Revision),
            note: self.note,
            overriding: if self.force { Override::Force } else { Override::No },
            commit_hash: self.commit_hash,
            pull_request_url: self.pull_request_url,
        }
    }
}

/// A project's metadata. Omitted fields are left unchanged; `null` or an empty text clears a field.
#[derive(ToSchema)]
pub(crate) struct ProjectMetadata {
    /// Display name.
    #[schema(inline, value_type = Option<ProjectName>)]
    name: FieldEdit<ProjectName>,
    /// URL of the git repository.
    #[schema(inline, value_type = Option<Url>)]
    repo_url: FieldEdit<Url>,
    /// Checkout path on the repair agent's machine.
    #[schema(inline, value_type = Option<LocalPath>)]
    local_path: FieldEdit<LocalPath>,
    /// Description.
    #[schema(inline, value_type = Option<Description>)]
    description: FieldEdit<Description>,
    /// Which events reopen a fixed issue.
    #[schema(value_type = Option<words::RegressionRule>)]
    regression_rule: Option<RegressionRule>,
}

fn edit<const MAX: usize>(given: FieldValue<Text<MAX>>) -> FieldEdit<Text<MAX>> {
    match given {
        FieldValue::Absent => FieldEdit::Keep,
        FieldValue::Null => FieldEdit::Clear,
        FieldValue::Value(text) => FieldEdit::Set(text),
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
    /// The environment it was deployed to.
    #[schema(inline)]
    environment: Environment,
    /// The commit that was deployed.
    #[schema(inline)]
    commit_hash: Option<CommitHash>,
    /// The commits that the deployment includes.
    #[schema(inline, max_items = 10_000, value_type = Option<Vec<CommitHash>>)]
    commits: Vec<CommitHash>,
    /// Version that was deployed.
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

impl Deployment {
    /// The deployment, as reported by this actor.
    pub(crate) fn by(self, actor: Actor) -> domain::Deployment {
        let Self { project_id, environment, commit_hash, commits, version } = self;
        let commits = commit_hash.into_iter().chain(commits).collect();
        domain::Deployment { project_id, environment, commits, version, actor }
    }
}
