//! Publish: the intent on the server, then the branch, then the pull request, then FIXED. Whatever is interrupted is
//! resumed, and nothing is done twice.

use super::{Attempt, Published, Stop};
use crate::address::Origin;
use crate::clock;
use crate::config::Reach;
use crate::ended::StepName;
use crate::forge::NewPullRequest;
use crate::git::{Mirror, Pushed, Workspace};
use crate::prompt::clean;
use logcenter_client::api::StatusChange;
use logcenter_core::Status;
use logcenter_core::repair::{Stage, Verdict};

const LONGEST_TITLE: usize = 200;

impl Attempt<'_> {
    pub(super) async fn publish(
        &self,
        workspace: &Workspace,
        origin: &Origin,
        tree: &str,
        root_cause: Option<String>,
        text: String,
    ) -> Result<Published, Stop> {
        let begun = clock::now();
        let branch = format!("logcenter/fix-{}-e{}", self.claim.issue.id, self.claim.lease.epoch);
        let message = self.message(root_cause.as_deref(), &text);
        let name = &self.agent.config.agent.name;
        let commit = workspace.commit(tree, name, &message).await.map_err(Stop::Machine)?;
        // From here on a later attempt can find out what became of it.
        self.report(Stage::Publish, |update| {
            update.verdict = Some(Verdict::Fixed);
            update.reason = Some(text.clone());
            update.branch = Some(branch.clone());
            update.commit_hash = Some(commit.clone());
        })
        .await?;
        match workspace.mirror().push(&commit, &branch).await.map_err(Stop::Machine)? {
            Pushed::Done => {}
            Pushed::Taken => {
                return Err(Stop::Machine(format!("the branch {branch} is there already, with other work")));
            }
        }
        let published = Published { branch, commit, pull_request_url: None, text };
        self.conclude(origin, published, root_cause.as_deref(), begun).await
    }

    /// Adopts what an earlier attempt has pushed, if it is there as it was meant.
    pub(super) async fn resumed(&self, mirror: &Mirror, origin: &Origin) -> Result<Option<Published>, Stop> {
        let Some(resume) = &self.claim.resume else { return Ok(None) };
        if self.status.get() != Status::Fixing || self.reach < Reach::Branch {
            return Ok(None);
        }
        let begun = clock::now();
        let tip = mirror.remote_tip(&resume.branch).await.map_err(Stop::Machine)?;
        if tip.as_deref() != Some(&*resume.commit_hash) {
            return Ok(None);
        }
        self.report(Stage::Publish, |update| {
            update.verdict = Some(Verdict::Fixed);
            update.base_commit.clone_from(&resume.base_commit);
            update.branch = Some(resume.branch.clone());
            update.commit_hash = Some(resume.commit_hash.clone());
        })
        .await?;
        let published = Published {
            branch: resume.branch.clone(),
            commit: resume.commit_hash.clone(),
            pull_request_url: resume.pull_request_url.clone(),
            text: format!("resumed what attempt {} had pushed", resume.attempt_id),
        };
        self.conclude(origin, published, None, begun).await.map(Some)
    }

    /// Opens the pull request, and moves the issue to FIXED.
    async fn conclude(
        &self,
        origin: &Origin,
        mut published: Published,
        root_cause: Option<&str>,
        begun: std::time::Instant,
    ) -> Result<Published, Stop> {
        self.lease.check().await?;
        if self.reach == Reach::PullRequest && published.pull_request_url.is_none() {
            let forge = self.agent.forge(origin).map_err(Stop::Machine)?;
            if let Some(forge) = forge {
                let new = NewPullRequest {
                    title: self.title(),
                    body: self.description(root_cause, &published.text),
                    head: published.branch.clone(),
                    base: self.project.base.clone(),
                };
                let url = forge.open(&new).await.map_err(|error| Stop::Machine(error.to_string()))?;
                published.pull_request_url = Some(url.clone());
                self.report(Stage::Publish, |update| update.pull_request_url = Some(url)).await?;
            }
        }
        let change = StatusChange {
            commit_hash: Some(published.commit.clone()),
            pull_request_url: published.pull_request_url.clone(),
            note: Some(clean(&self.safe(&published.text), 1000)),
            ..StatusChange::to(Status::Fixed)
        };
        self.change(change).await?;
        let what = published.pull_request_url.as_ref().unwrap_or(&published.branch);
        self.did(StepName::Publish, begun, what.clone());
        Ok(published)
    }

    fn title(&self) -> String {
        let facts = &self.facts;
        let place = facts.file_path.as_deref().map(|path| format!(" in {path}")).unwrap_or_default();
        clean(&self.safe(&format!("Fix {}{place}", facts.error_type)), LONGEST_TITLE)
    }

    fn message(&self, root_cause: Option<&str>, text: &str) -> String {
        let cause = root_cause.map(|cause| format!("{}\n\n", self.safe(cause))).unwrap_or_default();
        let (issue, attempt) = (self.claim.issue.id, self.id.get().unwrap_or_default());
        let text = self.safe(text);
        let trailers = format!("Log-Center-Issue: {issue}\nLog-Center-Attempt: {attempt}\n");
        format!("{}\n\n{cause}{text}\n\n{trailers}", self.title())
    }

    /// What strangers wrote is in a code block, where no forge reads it as markup, mentions or commands.
    fn description(&self, root_cause: Option<&str>, text: &str) -> String {
        let facts = &self.facts;
        let fence = "````````";
        let quoted = |text: &str| {
            let text = self.agent.secrets.mask(text).replace('`', "'");
            format!("{fence}text\n{text}\n{fence}\n")
        };
        let error = quoted(&format!("{}: {}", facts.error_type, facts.message));
        let cause =
            root_cause.map(|cause| format!("What the fixer says of the cause:\n\n{}\n", quoted(cause)));
        format!(
            "An automatic fix of issue {} of {}, reported {} times. Nobody has read it yet.\n\n{error}\n{}What was \
             checked: {}.\n\nAttempt {} of {}.\n",
            facts.issue,
            facts.project,
            facts.count,
            cause.unwrap_or_default(),
            self.safe(text),
            self.id.get().unwrap_or_default(),
            self.agent.config.agent.name,
        )
    }

    /// A text on one line, without secrets, and without what a forge takes for markup, mentions, references or orders to a
    /// pipeline (`[skip ci]`).
    pub(super) fn safe(&self, text: &str) -> String {
        let masked = self.agent.secrets.mask(text);
        let plain = masked.replace(['[', ']', '#', '@', '!', '<', '>', '`', '|'], " ");
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
