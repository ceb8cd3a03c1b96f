//! Finds out everything that an agent needs and does not have, and says how to mend it.

use crate::address::Origin;
use crate::agent::Agent;
use crate::config::{Containment, Project, Reach};
use crate::ended::Failure;
use crate::git::{Mirror, Workspace, origin};
use crate::judge::Results;
use crate::sandbox::{Ended, Job, Toolchain, probe};
use logcenter_client::api::{self, Error};
use serde::Serialize;
use std::time::Duration;
use tokio::process::Command;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All is well.
    Ok,
    /// It works, but perhaps not as it was meant.
    Warn,
    /// It does not work.
    Fail,
}

/// A check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// How it came out.
    pub outcome: Outcome,
    /// What was checked: part of the machine, the server, or a project.
    pub subject: String,
    /// What was found, and how to mend it.
    pub text: String,
}

/// Everything that was found out.
#[derive(Debug, Clone, Default)]
pub struct Diagnosis {
    /// The checks, in order.
    pub checks: Vec<Check>,
    /// Why an agent could not work.
    pub failure: Option<Failure>,
}

impl Diagnosis {
    fn note(&mut self, outcome: Outcome, subject: &str, text: impl Into<String>) {
        let text = crate::prompt::clean(&text.into(), 2000);
        self.checks.push(Check { outcome, subject: subject.into(), text });
    }

    fn check(&mut self, subject: &str, found: Result<String, String>) -> bool {
        let outcome = if found.is_ok() { Outcome::Ok } else { Outcome::Fail };
        let is_well = found.is_ok();
        if let Err(why) = &found {
            self.failure.get_or_insert_with(|| Failure::Machine(format!("{subject}: {why}")));
        }
        self.note(outcome, subject, found.unwrap_or_else(|why| why));
        is_well
    }
}

impl Agent {
    /// Checks this machine, the server and each project. The tests of each project are run once.
    pub async fn doctor(&self) -> Diagnosis {
        let mut diagnosis = Diagnosis::default();
        let has_git = diagnosis.check("git", git().await);
        let has_sandbox = self.check_sandbox(&mut diagnosis).await;
        self.check_server(&mut diagnosis).await;
        if self.config.project.is_empty() {
            diagnosis.note(Outcome::Warn, "projects", "repair.toml has no [[project]]: nothing is claimed");
        }
        for project in &self.config.project {
            self.check_project(&mut diagnosis, project, has_git && has_sandbox).await;
        }
        diagnosis
    }

    async fn check_sandbox(&self, diagnosis: &mut Diagnosis) -> bool {
        if self.config.agent.sandbox == Containment::None {
            let text = "\"none\" is written down: fixers and tests may do all that the agent's user may";
            diagnosis.note(Outcome::Warn, "sandbox", text);
            return true;
        }
        let found = probe(&self.sandbox, &self.config.agent.work_dir).await;
        let user = if nix::unistd::geteuid().is_root() { "another user's" } else { "the agent's own user's" };
        diagnosis.check("sandbox", found.map(|()| format!("bubblewrap works; its processes are {user}")))
    }

    async fn check_server(&self, diagnosis: &mut Diagnosis) {
        let url = self.server_url();
        match self.may_claim().await {
            Ok(()) => diagnosis.note(Outcome::Ok, "server", format!("{url} lets this agent claim issues")),
            Err(error) => {
                let mend = match &error {
                    Error::Refused(problem) if problem.status == 401 => {
                        "set LOGCENTER_AGENT_TOKEN to a token of role agent"
                    }
                    Error::Refused(problem) if problem.status == 403 => "the token needs the role agent",
                    Error::Unreachable(_) => "is the server running there? Set LOG_CENTER_URL",
                    _ => "is that a Log Center?",
                };
                diagnosis.note(Outcome::Fail, "server", format!("{error}: {mend}"));
                diagnosis.failure = Some(error.into());
            }
        }
    }

    async fn check_project(&self, diagnosis: &mut Diagnosis, project: &Project, can_run: bool) {
        let subject = format!("project {}", project.id);
        let about = self.api.project(&project.id).await.ok();
        let hints = about.as_ref().map(|about| self.hints(about)).unwrap_or_default();
        if about.is_none() {
            let text = "the server does not know it yet: it appears with its first report";
            diagnosis.note(Outcome::Warn, &subject, text);
        }
        let found = origin(project, &hints, &self.config.forge);
        let origin = match found {
            Ok(origin) => origin,
            Err(why) => {
                diagnosis.check(&subject, Err(why));
                return;
            }
        };
        self.compare_hints(diagnosis, &subject, project, about.as_ref(), &origin);
        self.check_forge(diagnosis, &subject, project, &origin).await;
        let unset: Vec<&str> = self.unset(project).map(String::as_str).collect();
        if !unset.is_empty() {
            let text = format!("fixer_env: {} has no value in the agent's environment", unset.join(", "));
            diagnosis.note(Outcome::Warn, &subject, text);
        }
        let commands = [&project.test[..], &project.reproduce, &project.fixer_command()];
        let toolchain = Toolchain::of(&commands, &project.readable).await;
        for path in project.readable.iter().filter(|path| !path.exists()) {
            diagnosis.check(&subject, Err(format!("readable: {} does not exist", path.display())));
        }
        for missing in &toolchain.missing {
            diagnosis.check(&subject, Err(missing.clone()));
        }
        if can_run && toolchain.missing.is_empty() {
            let tests = self.try_tests(project, &origin, &toolchain).await;
            diagnosis.check(&subject, tests);
        }
    }

    /// Whether the server says something else than the configuration, which decides.
    fn compare_hints(
        &self,
        diagnosis: &mut Diagnosis,
        subject: &str,
        project: &Project,
        about: Option<&api::Project>,
        origin: &Origin,
    ) {
        diagnosis.note(Outcome::Ok, subject, format!("its code is at {}", origin.for_git()));
        let Some(about) = about.filter(|_| project.repo.is_some()) else { return };
        let hints = self.hints(about);
        for (name, value) in [("repo_url", hints.repo_url), ("local_path", hints.local_path)] {
            if let Some(value) = value.filter(|value| *value != origin.for_git()) {
                let text = format!(
                    "the server's {name} is {value:?}, which is ignored: repo in repair.toml decides"
                );
                diagnosis.note(Outcome::Warn, subject, text);
            }
        }
    }

    async fn check_forge(
        &self,
        diagnosis: &mut Diagnosis,
        subject: &str,
        project: &Project,
        origin: &Origin,
    ) {
        match self.forge(origin) {
            Ok(Some(forge)) => {
                let found = forge.may_push().await.map_err(|error| error.to_string());
                diagnosis.check(subject, found.map(|()| "the forge accepts the token".into()));
            }
            Ok(None) if project.max_stage == Reach::PullRequest => {
                let text =
                    "its host has no [forge]: fixes are pushed as branches, and no pull request is opened";
                diagnosis.note(Outcome::Warn, subject, text);
            }
            Ok(None) => {}
            Err(why) => {
                diagnosis.check(subject, Err(why));
            }
        }
    }

    /// Runs a project's tests once, as an attempt would.
    async fn try_tests(
        &self,
        project: &Project,
        origin: &Origin,
        toolchain: &Toolchain,
    ) -> Result<String, String> {
        let work_dir = &self.config.agent.work_dir;
        let mirror = Mirror::open(work_dir, project.id.as_str(), origin, self.login(origin)?).await?;
        mirror.fetch().await?;
        let base = mirror.commit(&format!("refs/heads/{}", project.base)).await;
        let base = base.map_err(|_| format!("the repository has no branch {}: set base", project.base))?;
        let workspace = Workspace::new(&mirror, work_dir.join("doctor"), base.clone())?;
        let tree = workspace.checkout(&base, "base").await?;
        let job = Job {
            command: &project.test,
            toolchain,
            environment: Vec::new(),
            base: &tree,
            history: workspace.history(),
            task: None,
            limit: Duration::from_secs(project.limits.test_seconds),
            memory_mb: project.limits.memory_mb,
            proxy: None,
            take: None,
        };
        let ran = self.sandbox.run(job).await?;
        let results = Results::read(ran.ended == Ended::Exit(0), &ran.output.text);
        let seconds = ran.seconds;
        match (ran.ended, results.ran) {
            (Ended::Exit(_), Some(count)) if count > 0 => Ok(format!(
                "{count} tests ran in the sandbox in {seconds:.1} s, {} failed",
                results.failed.len()
            )),
            (Ended::Exit(0), _) => Ok(format!(
                "the tests pass in {seconds:.1} s; their output has no known form, so only the exit code is judged"
            )),
            (ended, _) => {
                Err(format!("the tests do not run in the sandbox ({ended:?}):\n{}", ran.output.tail(1500)))
            }
        }
    }
}

async fn git() -> Result<String, String> {
    let mut command = Command::new("git");
    command.arg("--version");
    let ended = crate::process::finished(command, None, Duration::from_secs(10)).await;
    let ended = ended.map_err(|error| format!("{error}. Install it: apt-get install git"))?;
    Ok(String::from_utf8_lossy(&ended.stdout).trim().to_owned())
}
