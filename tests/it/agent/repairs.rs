//! It repairs: small projects in three languages, each with a bug that was reported by one of our clients or snippets.

use super::{Workshop, artifact, repaired};
use crate::harness::program::{built, command};
use crate::harness::snippets::{Source, sources};
use crate::harness::{eventually, tools};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const RUST: [&str; 5] = ["rust-average", "rust-excerpt", "rust-invoice", "rust-pages", "rust-query"];
const PYTHON: [&str; 5] =
    ["python-basket", "python-customers", "python-greeting", "python-room", "python-trial"];
const JAVASCRIPT: [&str; 5] =
    ["javascript-city", "javascript-day", "javascript-locale", "javascript-longest", "javascript-total"];

/// What stands for the intelligence: it writes the test that it is asked for, then the right fix.
const FIXER: &str = include_str!("fixer.sh");

/// How a project's tests are run: by the repository's own means.
fn tests(project: &str) -> &'static [&'static str] {
    match project.split('-').next().unwrap() {
        "rust" => &["cargo", "test", "--offline"],
        "python" => &["python3", "-m", "unittest", "discover", "-v"],
        _ => &["node", "--test"],
    }
}

/// Lets a project fail in production, which reports it.
fn fail(workshop: &Workshop, project: &str, key: &str, source: Source) {
    let center = &workshop.center.base;
    let before = repaired(project).join("before");
    let scene = workshop.path(&format!("{project}.production"));
    match project.split('-').next().unwrap() {
        "rust" => {
            let mut probe = command(&built("probe"), center);
            tools::run(probe.args(["repaired", project]).env("LOG_CENTER_KEY", key));
        }
        "python" => {
            std::fs::create_dir(&scene).unwrap();
            let snippet = source.snippet("python").replace(source.project("rtc_backend"), project);
            std::fs::write(scene.join("snippet.py"), snippet).unwrap();
            let program = "import runpy, snippet, sys\n\
                           try:\n    runpy.run_path(sys.argv[1])\n\
                           except Exception as error:\n    snippet.report_error(error)\n";
            std::fs::write(scene.join("program.py"), program).unwrap();
            let mut python = tools::python();
            python.arg("program.py").arg(repaired(project).join("fail.py")).current_dir(&scene);
            tools::run(python.env("PYTHONPATH", before).env("LOG_CENTER_URL", center));
        }
        _ => {
            std::fs::create_dir(&scene).unwrap();
            let snippet = source.snippet("javascript").replace(source.project("rtc_web"), project);
            std::fs::write(scene.join("snippet.ts"), snippet).unwrap();
            std::fs::write(
                scene.join("entry.ts"),
                "import { reportError } from './snippet';\nglobalThis.report = reportError;\n",
            )
            .unwrap();
            tools::bundle(&scene.join("entry.ts"), &scene.join("bundle.js"), center);
            tools::run(Command::new("cp").arg("-r").arg(before).arg(scene.join("app")));
            std::fs::copy(repaired(project).join("fail.js"), scene.join("app/fail.js")).unwrap();
            let program = "globalThis.window = { location: { href: 'http://localhost/' } };\n\
                           globalThis.navigator ??= { userAgent: 'node' };\n\
                           const send = fetch;\n\
                           globalThis.fetch = (...it) => send(...it).finally(() => setImmediate(process.exit));\n\
                           require('./bundle.js');\n\
                           require('./app/fail.js')().catch((error) => report(error));\n";
            std::fs::write(scene.join("program.js"), program).unwrap();
            tools::run(Command::new("node").arg("program.js").current_dir(&scene));
        }
    }
}

/// Runs a project's tests in a fresh clone of a branch.
fn test_clone(workshop: &Workshop, project: &str, branch: &str) {
    let clone = workshop.path(&format!("{project}.clone"));
    let remote = workshop.forge.repository(project);
    tools::run(Command::new("git").args(["clone", "--quiet", "--branch", branch]).arg(&remote).arg(&clone));
    let [program, args @ ..] = tests(project) else { unreachable!() };
    let mut command = Command::new(program);
    tools::run(command.args(args).current_dir(&clone).env("CARGO_TARGET_DIR", clone.join("target")));
}

async fn repairs(projects: &[&str]) {
    let workshop = Workshop::open().await;
    let fixer = workshop.program("fix", FIXER);
    let every = sources();
    let mut tables = String::new();
    for (at, project) in projects.iter().enumerate() {
        workshop.forge.create(project, &repaired(project).join("before"));
        let key = workshop.key(project).await;
        fail(&workshop, project, &key, every[at % every.len()]);
        // The snippets send no key, so nobody vouches for what they report.
        tables += &format!(
            "[[project]]\nid = {project:?}\nrepo = {:?}\ntest = {:?}\nfixer = [{fixer:?}, {:?}]\nreadable = [{:?}]\n\
             untrusted_stage = \"pull-request\"\n\n",
            workshop.forge.address(project),
            tests(project),
            repaired(project),
            repaired(project),
        );
    }
    eventually("every project has reported", || async {
        (workshop.admin.issues("status=NEW").await.len() == projects.len()).then_some(())
    })
    .await;
    let config = workshop.config("repair-1", &tables);
    for _ in projects {
        let ran = workshop.run(&config, &["once"]).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        published(&workshop, ran.attempt()).await;
    }
    let ran = workshop.run(&config, &["once"]).await;
    assert_eq!((ran.code, ran.lines.len()), (Some(0), 0), "{ran:?}");
    assert!(ran.stderr.contains("nothing to do"));
}

/// Checks a fix from the branch to the deployment.
async fn published(workshop: &Workshop, ended: &Value) {
    let attempt = workshop.attempt(&ended["attempt"]).await;
    assert_eq!(
        (&ended["status"], &ended["verdict"]),
        (&json!("FIXED"), &json!("fixed")),
        "{}",
        attempt["reason"]
    );
    let id = ended["issue"].as_i64().unwrap();
    let issue = workshop.admin.issue(id).await;
    let project = issue["project_id"].as_str().unwrap();
    let branch = ended["branch"].as_str().unwrap();
    assert_eq!(branch, format!("logcenter/fix-{id}-e1"));
    assert_eq!(workshop.forge.tip(project, branch).as_deref(), ended["commit"].as_str());
    test_clone(workshop, project, branch);
    let pull = workshop.forge.pulls().into_iter().find(|pull| pull.head == branch).unwrap();
    assert!(pull.draft && pull.base == "main", "{pull:?}");
    assert_eq!(
        ended["pull_request_url"],
        format!("{}/team/{project}/pulls/{}", workshop.forge.base(), pull.number)
    );
    for kind in ["prompt", "transcript", "diff", "reproduction", "test_before", "test_after", "summary"] {
        assert!(kind == "transcript" || !artifact(&attempt, kind).is_empty(), "{kind}");
    }
    let commit = workshop.forge.merge(pull.number);
    workshop.forge.tell(&workshop.center, pull.number, super::SECRET).await.ok();
    let environment = &issue["environment"];
    let deployment = json!({"project_id": project, "environment": environment, "commit_hash": commit});
    let deployed = workshop.admin.with_json("POST", "/api/v1/deployments", &deployment).await.ok();
    assert_eq!(deployed["deployed"], json!([id]));
    let walk = ["VERIFYING", "PENDING_FIX", "FIXING", "FIXED", "VERIFIED", "DEPLOYED"];
    assert_eq!(workshop.walk(id).await, walk);
    page(workshop, id, ended["pull_request_url"].as_str().unwrap()).await;
}

/// The whole history is on the issue's page.
async fn page(workshop: &Workshop, id: i64, url: &str) {
    let login = workshop.center.request("POST", "/login").header("origin", &workshop.center.base);
    let login = login.header("content-type", "application/x-www-form-urlencoded").body("token=secret");
    let session = workshop.center.send(login).await.header("set-cookie").to_owned();
    let page = workshop.center.request("GET", &format!("/issues/{id}")).header("cookie", session);
    let page = workshop.center.send(page).await.text;
    for shown in ["VERIFYING", "PENDING_FIX", "FIXING", "FIXED", "VERIFIED", "DEPLOYED", "repair robot", url]
    {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rust_projects_are_repaired() {
    repairs(&RUST).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_projects_are_repaired() {
    repairs(&PYTHON).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn javascript_projects_are_repaired() {
    repairs(&JAVASCRIPT).await;
}

#[test]
fn every_project_is_repaired() {
    let folder = repaired("");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut tried = [RUST, PYTHON, JAVASCRIPT].concat();
    tried.sort_unstable();
    assert_eq!(names, tried);
    assert!(tried.iter().all(|name| Path::new(&repaired(name)).join("after").is_dir()));
}
