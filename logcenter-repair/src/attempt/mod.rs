//! One attempt at one issue: verify, fix, judge, publish. Each stage is a file; this one is their order.

mod commands;
mod fix;
mod guarded;
mod judge;
mod kept;
mod publish;
mod reporting;
mod slot;
mod stop;
mod verify;

pub(crate) use stop::Stop;

use crate::agent::Agent;
use crate::clock;
use crate::config::{Project, Reach};
use crate::ended::{Ended, News, Step, StepName};
use crate::git::{Mirror, Workspace, origin};
use crate::lease::{Lease, Lost};
use crate::prompt::Facts;
use crate::sandbox::Toolchain;
use logcenter_client::api::{Claim, Cost};
use logcenter_core::Status;
use logcenter_core::repair::{Stage, Verdict};
use slot::Slot;
use std::path::PathBuf;
use std::time::Instant;

/// What an attempt works with, and what it has come to so far.
pub(crate) struct Attempt<'a> {
    agent: &'a Agent,
    project: &'a Project,
    claim: &'a Claim,
    lease: &'a Lease,
    facts: Facts,
    reach: Reach,
    begun: Instant,
    stage: Slot<Stage>,
    status: Slot<Status>,
    cost: Slot<Cost>,
    id: Slot<Option<i64>>,
    steps: Slot<Vec<Step>>,
    /// The time that commands took since the last step.
    seconds_of_commands: Slot<f64>,
    /// The end of what the last command printed.
    tail: Slot<String>,
}

/// How far an attempt came that did not fail.
enum Reached {
    /// The error is reproduced; a fix is not wanted.
    Analysed(String),
    /// A patch waits for a person.
    Patch(String),
    /// The error is not there.
    NotReproduced(String),
    /// The fix is published.
    Published(Published),
}

/// What was published.
struct Published {
    branch: String,
    commit: String,
    pull_request_url: Option<String>,
    text: String,
}

/// Works on a claim to its end, whatever that is, and tells the server.
pub(crate) async fn work(agent: &Agent, project: &Project, claim: &Claim, lease: &Lease) -> Ended {
    let events = agent.events(claim.issue.id).await;
    let facts = Facts::of(&claim.issue, events.as_deref().unwrap_or_default());
    let reach = project.reach(facts.trusted, claim.approved_attempt.is_some());
    let attempt = Attempt {
        agent,
        project,
        claim,
        lease,
        facts,
        reach,
        begun: clock::now(),
        stage: Slot::new(Stage::Verify),
        status: Slot::new(claim.issue.status),
        cost: Slot::new(Cost::default()),
        id: Slot::new(None),
        steps: Slot::default(),
        seconds_of_commands: Slot::new(0.0),
        tail: Slot::default(),
    };
    let reached = tokio::select! {
        // Without them it is not known whether anybody vouches for the error.
        reached = async { events.map(drop).map_err(Stop::from)?; attempt.stages().await } => reached,
        lost = lease.lost() => Err(lost.into()),
        () = agent.stopping() => Err(Stop::Machine("the agent was stopped".into())),
    };
    // The server refuses what comes under a lease that a person has stopped, too.
    let reached = match reached {
        Err(Stop::LeaseLost) if lease.check().await == Err(Lost::Cancelled) => Err(Stop::Cancelled),
        reached => reached,
    };
    attempt.end(reached).await
}

impl Attempt<'_> {
    async fn stages(&self) -> Result<Reached, Stop> {
        let begun = clock::now();
        let origin = origin(self.project, &self.agent.hints(&self.claim.project), &self.agent.config.forge);
        let origin = origin.map_err(Stop::Machine)?;
        let login = self.agent.login(&origin).map_err(Stop::Machine)?;
        let work_dir = &self.agent.config.agent.work_dir;
        let mirror =
            Mirror::open(work_dir, self.project.id.as_str(), &origin, login).await.map_err(Stop::Machine)?;
        mirror.fetch().await.map_err(Stop::Machine)?;
        let base = mirror.commit(&format!("refs/heads/{}", self.project.base)).await;
        let base =
            base.map_err(|_| Stop::Machine(format!("the repository has no branch {}", self.project.base)))?;
        let workspace = Workspace::new(&mirror, self.folder(), base.clone()).map_err(Stop::Machine)?;
        self.did(StepName::Fetch, begun, format!("{} at {}", self.project.base, &base[..base.len().min(12)]));
        if let Some(published) = self.resumed(&mirror, &origin).await? {
            return Ok(Reached::Published(published));
        }
        let commands = [&self.project.test[..], &self.project.reproduce, &self.project.fixer_command()];
        let toolchain = Toolchain::of(&commands, &self.project.readable).await;
        if let Some(missing) = toolchain.missing.first() {
            return Err(Stop::Machine(missing.clone()));
        }
        self.report(Stage::Verify, |update| update.base_commit = Some(base.clone())).await?;
        let baseline = self.baseline(&workspace, &toolchain).await?;
        if let Some(approved) = &self.claim.approved_attempt {
            let candidate = self.approved(&workspace, approved.id).await?;
            let shown = self.shown_by_its_tests(&workspace, &toolchain, &baseline, &candidate).await?;
            return self.judged(&workspace, &toolchain, &origin, &baseline, shown, candidate).await;
        }
        let shown = match self.reproduce(&workspace, &toolchain, &baseline).await? {
            Ok(shown) => shown,
            Err(why) => return Ok(Reached::NotReproduced(why)),
        };
        if self.reach == Reach::Analyse {
            return Ok(Reached::Analysed(shown.text));
        }
        self.moves(Status::Fixing).await?;
        let candidate = self.fixed(&workspace, &toolchain, &mirror, &shown).await?;
        self.judged(&workspace, &toolchain, &origin, &baseline, shown, candidate).await
    }

    /// The folder of this attempt. One agent works on one issue at a time.
    fn folder(&self) -> PathBuf {
        self.agent.config.agent.work_dir.join("attempt")
    }

    fn did(&self, name: StepName, begun: Instant, text: impl Into<String>) {
        let seconds = clock::now().duration_since(begun).as_secs_f64();
        let text = crate::prompt::clean(&text.into(), 400);
        let seconds_of_commands = self.seconds_of_commands.take();
        let step = Step { name, seconds, seconds_of_commands, text };
        (self.agent.tell)(&News::Did(self.claim.issue.id, &step));
        self.steps.lock().push(step);
    }

    fn ended(
        &self,
        verdict: Verdict,
        status: Option<Status>,
        reason: &str,
        published: Option<Published>,
    ) -> Ended {
        let (commit, branch, pull_request_url) = published
            .map_or((None, None, None), |made| (Some(made.commit), Some(made.branch), made.pull_request_url));
        Ended {
            issue: self.claim.issue.id,
            attempt: self.id.get(),
            stage: self.stage.get(),
            verdict,
            status,
            commit,
            branch,
            pull_request_url,
            seconds: clock::now().duration_since(self.begun).as_secs_f64(),
            reason: crate::prompt::clean(reason, 2000),
            tail: if verdict.is_failure() || verdict == Verdict::InfraError {
                self.tail.take()
            } else {
                String::new()
            },
            steps: self.steps.take(),
        }
    }
}
