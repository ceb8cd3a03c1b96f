//! It cannot be doubled: two agents, killed agents, stopped agents, a server that goes away, a wrong clock.

use super::shop::shop;
use super::{SECRET, Workshop};
use crate::harness::forge::HANGS;
use crate::harness::{Process, eventually};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command as StdCommand;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const MINUTE: i64 = 60_000;

/// What a working agent says, in this order.
const STEPS: [&str; 6] = ["fetch", "baseline", "reproduce", "fix", "guard", "judge"];

impl Workshop {
    /// The lease of whoever holds it runs out, and so does the wait after it.
    async fn lease_runs_out(&self, id: i64) {
        self.center.pass_millis(2 * MINUTE);
        eventually("the issue goes back", || async {
            (self.admin.issue(id).await["lease"] == Value::Null).then_some(())
        })
        .await;
        self.center.pass_millis(10 * MINUTE);
    }

    async fn is_fixing(&self, id: i64) {
        eventually("the fixer works", || async {
            (self.admin.issue(id).await["status"] == "FIXING").then_some(())
        })
        .await;
    }

    /// Another agent mends it; nothing was published twice.
    async fn is_mended_by_another(&self, id: i64, step: &str) {
        let ran = self.run(&self.agent("repair-2"), &["once"]).await;
        assert_eq!(ran.attempt()["status"], "FIXED", "{step}: {ran:?}");
        let attempts = self.attempts(id).await;
        let ends: Vec<_> = attempts.iter().map(|attempt| (&attempt["epoch"], &attempt["verdict"])).collect();
        // Whoever was killed before it had told anything has left no attempt.
        assert_eq!(ends[0], (&json!(2), &json!("fixed")), "{step}");
        assert!(ends[1..].iter().all(|end| *end == (&json!(1), &json!("abandoned"))), "{step}: {ends:?}");
        let fixes = self.forge.branches("shop").into_iter().filter(|branch| branch != "main").count();
        assert_eq!((fixes, self.forge.pulls().len()), (1, 1), "{step}");
    }
}

/// An agent at work, and what it says.
struct Working {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Working {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits until a step is done.
    async fn reaches(&mut self, step: &str) {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            if line.split_whitespace().nth(2) == Some(step) {
                return;
            }
        }
        panic!("it never came to {step}");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        assert!(StdCommand::new("kill").args([signal, &id]).status().unwrap().success());
    }

    async fn ends(mut self) -> Option<i32> {
        while self.lines.next_line().await.unwrap().is_some() {}
        self.child.wait().await.unwrap().code()
    }
}

/// A command whose output is for people.
fn in_words(workshop: &Workshop, config: &Path) -> Command {
    let mut command = workshop.command(config, &["once"]);
    command.args(["--output", "text"]);
    command
}

/// Processes in sandboxes of this workshop.
fn sandboxes(workshop: &Workshop) -> usize {
    let folder = workshop.folder.path().to_str().unwrap().to_owned();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let commands = processes.filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok());
    commands.filter(|command| command.contains("inside-the-sandbox") && command.contains(&folder)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_is_killed_at_any_step_is_replaced_by_another() {
    for step in STEPS {
        let workshop = shop().await;
        let id = workshop.broken().await;
        let mut first = Working::start(in_words(&workshop, &workshop.agent("repair-1")));
        first.reaches(step).await;
        first.signal("-KILL");
        first.ends().await;
        eventually("its sandbox ends", || async { (sandboxes(&workshop) == 0).then_some(()) }).await;
        workshop.lease_runs_out(id).await;
        workshop.is_mended_by_another(id, step).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_pushed_before_the_end_is_adopted_and_not_done_again() {
    let workshop = shop().await;
    let id = workshop.broken().await;
    // It looks for a pull request, and then opens one: that never answers.
    workshop.forge.fail_with(&[200, HANGS]);
    let first = Working::start(in_words(&workshop, &workshop.agent("repair-1")));
    eventually("it opens a pull request", || async {
        workshop.forge.requests().iter().any(|line| line.starts_with("POST ")).then_some(())
    })
    .await;
    first.signal("-KILL");
    first.ends().await;
    let pushed = workshop.forge.tip("shop", &format!("logcenter/fix-{id}-e1"));
    assert!(pushed.is_some() && workshop.forge.pulls().is_empty());
    workshop.lease_runs_out(id).await;
    workshop.is_mended_by_another(id, "publish").await;
    let issue = workshop.attempts(id).await;
    assert_eq!(issue[0]["commit_hash"].as_str(), pushed.as_deref());
    workshop.forge.merge(1);
    workshop.forge.tell(&workshop.center, 1, SECRET).await.ok();
    assert_eq!(workshop.admin.issue(id).await["status"], "VERIFIED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_slept_through_its_lease_publishes_nothing() {
    for step in ["baseline", "fix", "judge"] {
        let workshop = shop().await;
        let id = workshop.broken().await;
        let mut first = Working::start(in_words(&workshop, &workshop.agent("repair-1")));
        first.reaches(step).await;
        first.signal("-STOP");
        workshop.lease_runs_out(id).await;
        workshop.is_mended_by_another(id, step).await;
        first.signal("-CONT");
        assert_ne!(first.ends().await, Some(0), "{step}");
        assert_eq!(
            workshop.forge.branches("shop"),
            [format!("logcenter/fix-{id}-e2"), "main".into()],
            "{step}"
        );
        assert_eq!(workshop.admin.issue(id).await["status"], "FIXED");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_share_fifty_issues() {
    let workshop = shop().await;
    workshop.program("fixer", "#!/bin/bash\ntrue\n");
    let key = workshop.key("shop").await;
    let reports: Vec<Value> = (1..=50)
        .map(|line| {
            json!({"project_id": "shop", "environment": "production", "level": "ERROR", "error": {
                "type": "ZeroDivisionError", "message": "m", "file_path": "shop.py", "line_number": line, "stack_trace": []}})
        })
        .collect();
    workshop.center.bearer(key).batch(&reports).await.ok();
    let agents = ["repair-1", "repair-2"].map(|name| {
        let command = workshop.command(&workshop.agent(name), &["run"]);
        Working::start(command)
    });
    eventually("all are tried", || async {
        (workshop.admin.issues("status=FIX_FAILED&limit=200").await.len() == 50).then_some(())
    })
    .await;
    for agent in agents {
        agent.signal("-TERM");
        assert_eq!(agent.ends().await, Some(0));
    }
    let mut workers = BTreeMap::<String, usize>::new();
    for id in 1..=50 {
        let attempts = workshop.attempts(id).await;
        let epochs: BTreeSet<_> = attempts.iter().map(|attempt| attempt["epoch"].as_i64().unwrap()).collect();
        assert_eq!((attempts.len(), epochs), (1, BTreeSet::from([1])), "issue {id}");
        *workers.entry(attempts[0]["worker"].as_str().unwrap().into()).or_default() += 1;
    }
    assert!(workers.len() == 2 && workers.values().all(|count| *count > 5), "{workers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_is_told_to_stop_gives_its_issue_back() {
    let workshop = shop().await;
    workshop.program("fixer", "#!/bin/bash\nsleep 86398\n");
    let id = workshop.broken().await;
    let mut command = workshop.command(&workshop.agent("repair-1"), &["run"]);
    command.args(["--output", "text"]);
    let agent = Working::start(command);
    workshop.is_fixing(id).await;
    agent.signal("-TERM");
    assert_eq!(agent.ends().await, Some(0));
    let issue = workshop.admin.issue(id).await;
    assert_eq!((&issue["status"], &issue["lease"]), (&json!("PENDING_FIX"), &Value::Null));
    assert_eq!(workshop.attempts(id).await[0]["verdict"], "infra_error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_stops_an_attempt() {
    let workshop = shop().await;
    workshop.program("fixer", "#!/bin/bash\nsleep 86398\n");
    let id = workshop.broken().await;
    let config = workshop.agent("repair-1");
    let short = std::fs::read_to_string(&config).unwrap().replace("lease_seconds = 60", "lease_seconds = 10");
    std::fs::write(&config, short).unwrap();
    let agent = Working::start(in_words(&workshop, &config));
    workshop.is_fixing(id).await;
    let stop = workshop.admin.request("POST", &format!("/api/v1/issues/{id}/repair/stop"));
    assert_eq!(workshop.admin.send(stop).await.status, 204);
    assert_eq!(agent.ends().await, Some(0));
    assert_eq!(workshop.attempts(id).await[0]["verdict"], "cancelled");
    assert_eq!(workshop.admin.issue(id).await["status"], "PENDING_FIX");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_work_goes_on_when_the_server_was_away() {
    let workshop = shop().await;
    let folder = workshop.path("server");
    std::fs::create_dir(&folder).unwrap();
    let server = Process::start(&folder);
    let address = server.base.trim_start_matches("http://").to_owned();
    let report = json!({"project_id": "shop", "environment": "production", "level": "ERROR", "error": {
        "type": "ZeroDivisionError", "message": "m", "file_path": "shop.py", "line_number": 1, "stack_trace": []}});
    server.report(&report).await.ok();
    let mut command = in_words(&workshop, &workshop.agent("repair-1"));
    command.env("LOG_CENTER_URL", &server.base).env_remove("LOGCENTER_AGENT_TOKEN");
    let mut agent = Working::start(command);
    agent.reaches("baseline").await;
    server.kill();
    let server = Process::start_at(&folder, &address);
    assert_eq!(agent.ends().await, Some(0));
    assert_eq!(server.issue(1).await["status"], "FIXED");
    assert_eq!(workshop.forge.pulls().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_s_clock_may_be_wrong() {
    let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    assert!(
        Path::new(library).exists(),
        "no {library}: run scripts/test, which installs it (apt-get install faketime)"
    );
    for offset in ["+1h", "-1h"] {
        let workshop = shop().await;
        let id = workshop.broken().await;
        let mut command = workshop.command(&workshop.agent("repair-1"), &["once"]);
        command.env("LD_PRELOAD", library).env("FAKETIME", offset).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let output = command.output().await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{offset}: {output:?}");
        let attempt = &workshop.attempts(id).await[0];
        assert_eq!((&attempt["verdict"], &attempt["epoch"]), (&json!("fixed"), &json!(1)), "{offset}");
    }
}
