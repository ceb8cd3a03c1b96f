//! The time from the claim to FIXED, without what the fixer and the project's own tests take: `cargo bench -p
//! logcenter-repair`. Then what ten idle agents cost the server. Needs git, bubblewrap, cargo, python3 and node.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reads the time and prints it"
)]

use logcenter_repair::config::Config;
use logcenter_repair::{Agent, Server, ran_inside_the_sandbox};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The limit, in seconds.
const LIMIT: f64 = 3.0;

/// How long ten agents idle.
const IDLE: Duration = Duration::from_secs(30);

const FIXER: &str = include_str!("../../tests/it/agent/fixer.sh");

const PROJECTS: [(&str, &str, &str); 3] = [
    ("rust-average", "panic", "[\"cargo\", \"test\", \"--offline\"]"),
    ("python-greeting", "TypeError", "[\"python3\", \"-m\", \"unittest\", \"discover\", \"-v\"]"),
    ("javascript-city", "TypeError", "[\"node\", \"--test\"]"),
];

struct Serving {
    child: Child,
    url: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}

/// Starts the server that is shipped.
fn serve(folder: &Path) -> Serving {
    run(Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--bin", "logcenter"])
        .current_dir(root()));
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let mut child = Command::new(target.join("release/logcenter"))
        .args(["serve", "--listen", "127.0.0.1:0", "--dashboard-listen", "127.0.0.1:0", "--database"])
        .arg(folder.join("bench.db"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url =
        lines.find_map(|line| line.trim().strip_prefix("API").map(|url| url.trim().to_owned())).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    Serving { child, url }
}

fn repository(folder: &Path, project: &str) -> PathBuf {
    let (tree, bare) = (folder.join(project), folder.join(format!("{project}.git")));
    run(Command::new("cp")
        .arg("-r")
        .arg(root().join("tests/repaired").join(project).join("before"))
        .arg(&tree));
    for args in
        [&["init", "-q", "-b", "main"][..], &["add", "-A", "-f"], &["commit", "-q", "-m", "All of it"]]
    {
        let mut git = Command::new("git");
        run(git
            .current_dir(&tree)
            .args(["-c", "user.name=Bench", "-c", "user.email=bench@example.com"])
            .args(args));
    }
    run(Command::new("git").args(["clone", "-q", "--bare"]).arg(&tree).arg(&bare));
    bare
}

fn config(folder: &Path, agent: &str) -> Config {
    let mut text = format!("[agent]\nname = {agent:?}\nwork_dir = {:?}\n", folder.join(agent));
    for (project, _, test) in PROJECTS {
        let (fixed, repo) =
            (root().join("tests/repaired").join(project), folder.join(format!("{project}.git")));
        write!(
            text,
            "[[project]]\nid = {project:?}\nrepo = {repo:?}\nroots = [{folder:?}]\ntest = {test}\n\
             fixer = [{:?}, {fixed:?}]\nreadable = [{fixed:?}]\nuntrusted_stage = \"branch\"\n",
            folder.join("fixer"),
        )
        .unwrap();
    }
    Config::parse(&text).unwrap()
}

fn agent(serving: &Serving, folder: &Path, name: &str) -> Agent {
    let server = Server { url: serving.url.clone(), token: None };
    Agent::new(config(folder, name), server, |_| None, Box::new(|_| {})).unwrap()
}

/// The processor time of a process so far, in seconds.
fn cpu(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // In hundredths of a second, by Linux' convention for programs.
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    if ran_inside_the_sandbox() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let serving = serve(folder);
    let fixer = folder.join("fixer");
    std::fs::write(&fixer, FIXER).unwrap();
    run(Command::new("chmod").arg("755").arg(&fixer));
    let working = agent(&serving, folder, "working");
    let mut slowest: f64 = 0.0;
    for (project, error_type, _) in PROJECTS {
        repository(folder, project);
        let report = format!(
            "{{\"project_id\": {project:?}, \"environment\": \"bench\", \"level\": \"ERROR\", \"error\": {{\"type\": {error_type:?}, \
             \"message\": \"m\", \"file_path\": \"x\", \"line_number\": 1, \"stack_trace\": []}}}}"
        );
        run(Command::new("curl")
            .args(["-sf", "-d", &report])
            .arg(format!("{}/api/v1/logs/report", serving.url)));
        let ended = working.once(None).await.unwrap().unwrap();
        println!("{project}: {} {}", ended.verdict, ended.reason);
        let mut own = 0.0;
        for step in &ended.steps {
            let rest = step.seconds - step.seconds_of_commands;
            own += rest;
            println!(
                "  {:<9} {:>6.3} s, of which commands {:>6.3} s, the agent {rest:>6.3} s",
                step.name, step.seconds, step.seconds_of_commands
            );
        }
        println!(
            "  claim to FIXED {:.3} s; without the fixer and the tests {own:.3} s (limit {LIMIT} s)",
            ended.seconds
        );
        slowest = slowest.max(own);
    }
    println!(
        "slowest: {slowest:.3} s of {LIMIT} s: {}",
        if slowest < LIMIT { "holds" } else { "DOES NOT HOLD" }
    );
    idle(&serving, folder).await;
}

/// What ten agents that find nothing to do cost the server.
async fn idle(serving: &Serving, folder: &Path) {
    let agents: Vec<Agent> = (0..10).map(|at| agent(serving, folder, &format!("idle-{at}"))).collect();
    let before = (cpu(serving.child.id()), Instant::now());
    let running = async {
        let mut all = tokio::task::JoinSet::new();
        for agent in agents {
            all.spawn(async move { agent.run().await });
        }
        all.join_all().await
    };
    let timed_out = tokio::time::timeout(IDLE, running).await.is_err();
    let share = (cpu(serving.child.id()) - before.0) / before.1.elapsed().as_secs_f64() * 100.0;
    let verdict = if timed_out && share < 1.0 { "holds" } else { "DOES NOT HOLD" };
    println!("ten idle agents: {share:.2} % of a core of the server (limit 1 %): {verdict}");
}
