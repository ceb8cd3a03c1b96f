//! Runs the project's commands in the sandbox.

use super::{Attempt, Stop};
use crate::git::Workspace;
use crate::judge::Results;
use crate::sandbox::{Ended, Job, Proxy, Ran, Toolchain};
use std::path::Path;
use std::time::Duration;

/// Lines of output that are shown of a command that failed, in bytes.
pub(super) const TAIL: usize = 2000;

impl Attempt<'_> {
    /// Runs the tests on a tree.
    pub(super) async fn test(
        &self,
        workspace: &Workspace,
        tools: &Toolchain,
        tree: &Path,
    ) -> Result<Tested, Stop> {
        // Nothing tells the tests what they run for.
        let ran = self.run_with(workspace, tools, &self.project.test, tree, None).await?;
        let results = Results::read(ran.ended == Ended::Exit(0), &ran.output.text);
        Ok(Tested { results, ran })
    }

    /// Runs a command of the operator's on a tree, without network and without the fixer's variables.
    pub(super) async fn run(
        &self,
        workspace: &Workspace,
        toolchain: &Toolchain,
        command: &[String],
        tree: &Path,
    ) -> Result<Ran, Stop> {
        self.run_with(workspace, toolchain, command, tree, self.task(workspace).as_deref()).await
    }

    async fn run_with(
        &self,
        workspace: &Workspace,
        toolchain: &Toolchain,
        command: &[String],
        tree: &Path,
        task: Option<&Path>,
    ) -> Result<Ran, Stop> {
        let job = Job {
            command,
            toolchain,
            environment: Vec::new(),
            base: tree,
            history: workspace.history(),
            task,
            limit: Duration::from_secs(self.project.limits.test_seconds),
            memory_mb: self.project.limits.memory_mb,
            proxy: None,
            take: None,
        };
        self.run_job(job).await
    }

    /// Runs the fixer on a tree, and takes its files out.
    pub(super) async fn run_fixer(
        &self,
        workspace: &Workspace,
        toolchain: &Toolchain,
        tree: &Path,
        take: &Path,
    ) -> Result<(Ran, Vec<String>), Stop> {
        let command = self.project.fixer_command();
        let hosts = &self.project.network.0;
        let socket = workspace.folder().join("proxy");
        let proxy = if hosts.is_empty() {
            None
        } else {
            let never = self.agent.server_addresses().await.map_err(Stop::Machine)?;
            Some(
                Proxy::listen(socket, hosts, never)
                    .map_err(|error| Stop::Machine(format!("the proxy: {error}")))?,
            )
        };
        let task = self.task(workspace);
        let job = Job {
            command: &command,
            toolchain,
            environment: self.agent.fixer_environment(self.project),
            base: tree,
            history: workspace.history(),
            task: task.as_deref(),
            limit: Duration::from_secs(self.project.limits.fixer_seconds),
            memory_mb: self.project.limits.memory_mb,
            proxy: proxy.as_ref(),
            take: Some(take.to_owned()),
        };
        let ran = self.run_job(job).await?;
        Ok((ran, proxy.map(|proxy| proxy.refused()).unwrap_or_default()))
    }

    async fn run_job(&self, job: Job<'_>) -> Result<Ran, Stop> {
        let ran = self.agent.sandbox.run(job).await.map_err(Stop::Machine)?;
        self.tail.set(crate::prompt::clean(&self.agent.secrets.mask(ran.output.tail(TAIL)), TAIL));
        self.seconds_of_commands.set(self.seconds_of_commands.get() + ran.seconds);
        Ok(ran)
    }

    /// The folder that describes the task, once it was written.
    fn task(&self, workspace: &Workspace) -> Option<std::path::PathBuf> {
        Some(workspace.folder().join("task")).filter(|task| task.is_dir())
    }
}

/// The tests have run.
pub(super) struct Tested {
    pub(super) results: Results,
    pub(super) ran: Ran,
}

impl Tested {
    /// Why the tests could not even be run.
    pub(super) fn could_not_run(&self) -> Option<String> {
        let tail = self.ran.output.tail(TAIL);
        match &self.ran.ended {
            Ended::Unstartable(why) => Some(format!("the tests cannot be started: {why}")),
            Ended::TimedOut => Some("the tests did not end in time".into()),
            Ended::OutOfMemory => Some("the tests used too much memory".into()),
            Ended::Signal(signal) => Some(format!("the tests were ended by signal {signal}:\n{tail}")),
            Ended::Exit(0) => None,
            Ended::Exit(_) if self.results.ran.is_some_and(|ran| ran > 0) => None,
            Ended::Exit(code) => Some(format!("no test ran, and the command ended with {code}:\n{tail}")),
        }
    }
}
