//! Claims issues and works on them: once, or until the agent is stopped.

use crate::agent::Agent;
use crate::attempt;
use crate::budget::{Breaker, Day, IN_A_ROW, PAUSE};
use crate::clock;
use crate::config::Project;
use crate::ended::{Ended, Failure, News};
use crate::lease::Lease;
use crate::poll;
use logcenter_client::api::{Claim, Error, NewClaim};
use logcenter_core::repair::Verdict;
use logcenter_core::{ProjectId, Source};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often an idle agent asks for work. It is one indexed look-up for the server.
const IDLE: Duration = Duration::from_secs(5);

/// How often the forges are asked what became of the pull requests.
const POLL: Duration = Duration::from_secs(60);

/// The longest pause while the server does not answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Agent {
    /// Works on one issue: this one, or the next. `None` if there is nothing to do.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn once(&self, issue: Option<i64>) -> Result<Option<Ended>, Failure> {
        self.once_of(issue, &mut Breaker::default()).await
    }

    async fn once_of(&self, issue: Option<i64>, breaker: &mut Breaker) -> Result<Option<Ended>, Failure> {
        let mut day = Day::read(&self.config.agent.work_dir);
        let now = clock::unix_seconds();
        let is_ready = |project: &&Project| {
            !breaker.is_open(&project.id, clock::now())
                && day.count(&project.id, now) < project.limits.attempts_per_day
        };
        let ready: Vec<&Project> = self.config.project.iter().filter(is_ready).collect();
        for (sources, project_ids) in by_sources(&ready) {
            let begun = clock::now();
            let Some(claim) = self.claim(issue, sources, project_ids).await? else { continue };
            let Some(project) = self.config.project(&claim.issue.project_id) else { continue };
            (self.tell)(&News::Claimed(
                claim.issue.id,
                &crate::prompt::clean(&claim.issue.error.error_type, 200),
            ));
            day.add(&project.id, now);
            let ended = self.work(project, &claim, begun).await;
            (self.tell)(&News::Ended(&ended));
            if breaker.saw(&project.id, ended.verdict, clock::now()) {
                let why = format!(
                    "project {} pauses for {} minutes: this machine failed {IN_A_ROW} times in a row",
                    project.id,
                    PAUSE.as_secs() / 60,
                );
                (self.tell)(&News::Trouble(&why));
            }
            return Ok(Some(ended));
        }
        Ok(None)
    }

    async fn claim(
        &self,
        issue_id: Option<i64>,
        sources: Vec<Source>,
        project_ids: Vec<ProjectId>,
    ) -> Result<Option<Claim>, Failure> {
        let agent = &self.config.agent;
        let wanted = NewClaim {
            issue_id,
            sources,
            project_ids: Some(project_ids),
            ..NewClaim::by(&agent.name, agent.lease_seconds)
        };
        Ok(self.api.claim(&wanted).await?)
    }

    async fn work(&self, project: &Project, claim: &Claim, begun: Instant) -> Ended {
        let seconds = self.config.agent.lease_seconds;
        let lease = Lease::keep(self.api.clone(), claim.issue.id, claim.lease.token.clone(), seconds, begun);
        attempt::work(self, project, claim, &lease).await
    }

    /// Works until it is [stopped](Self::stop): claims, works, waits, and asks the forges what became of the pull requests.
    ///
    /// # Errors
    /// [`Failure`] if the server does not allow it. A server that does not answer is waited for.
    pub async fn run(&self) -> Result<(), Failure> {
        let mut breaker = Breaker::default();
        let (mut pause, mut polled): (Duration, Option<Instant>) = (IDLE, None);
        loop {
            if polled.is_none_or(|polled| clock::now().duration_since(polled) > POLL) {
                poll::poll(self).await;
                polled = Some(clock::now());
            }
            match self.once_of(None, &mut breaker).await {
                // There may be more to do.
                Ok(Some(ended)) if ended.verdict != Verdict::Abandoned => pause = Duration::ZERO,
                Ok(_) => pause = IDLE,
                Err(Failure::Unreachable(why)) => {
                    (self.tell)(&News::Trouble(&why));
                    pause = (pause * 2).clamp(IDLE, LONGEST_PAUSE);
                }
                Err(failure) => return Err(failure),
            }
            tokio::select! {
                () = self.stopping() => return Ok(()),
                () = clock::pause(pause) => {}
            }
        }
    }

    /// Whether the server lets this agent claim issues.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn may_claim(&self) -> Result<(), Error> {
        // No project is named, so nothing is claimed.
        let wanted = NewClaim { project_ids: Some(Vec::new()), ..NewClaim::by(&self.config.agent.name, 10) };
        self.api.claim(&wanted).await.map(drop)
    }
}

/// Projects whose errors come from the same sources, which one claim can ask for.
fn by_sources(projects: &[&Project]) -> Vec<(Vec<Source>, Vec<ProjectId>)> {
    let mut groups: BTreeMap<Vec<&str>, (Vec<Source>, Vec<ProjectId>)> = BTreeMap::new();
    for project in projects {
        let key = project.sources.iter().map(|source| source.as_str()).collect();
        let (_, ids) = groups.entry(key).or_insert_with(|| (project.sources.clone(), Vec::new()));
        ids.push(project.id.clone());
    }
    groups.into_values().collect()
}
