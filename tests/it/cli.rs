//! The commands that talk to a server.

use crate::harness::{Process, binary, report};
use serde_json::{Value, json};
use std::process::Command;
use tempfile::tempdir;

/// Exit code, standard output, standard error.
fn run(url: &str, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(binary());
    command.args(args).env("LOG_CENTER_URL", url).env_remove("LOGCENTER_ADMIN_TOKEN");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn from_a_report_to_its_fix() {
    let folder = tempdir().unwrap();
    let server = Process::start(folder.path());
    let url = &server.base;
    let stack = folder.path().join("stack");
    std::fs::write(&stack, "first\nsecond \x1b[31mred\n").unwrap();
    let report = [
        "report",
        "--project",
        "demo",
        "--type",
        "ValueError",
        "--file",
        "demo.py",
        "--line",
        "7",
        "--stack",
        stack.to_str().unwrap(),
        "--context",
        "user=ann",
        "--level",
        "fatal",
        "no such \x1b]0;title\x07 thing",
    ];
    assert_eq!(run(url, &report), (0, "Log reported: issue 1\n".into(), String::new()));
    assert_eq!(run(url, &report).1, "Log deduplicated: issue 1 (NEW)\n");

    let (code, shown, _) = run(url, &["issues", "show", "1"]);
    assert_eq!(code, 0);
    assert!(shown.contains("demo.py:7") && shown.contains("CRITICAL") && shown.contains("\"user\": \"ann\""));
    assert!(!shown.contains('\x1b') && !shown.contains('\x07'), "{shown:?}");
    let (_, listed, _) = run(url, &["issues", "list"]);
    assert!(listed.starts_with("ID  STATUS") && listed.contains("no such"), "{listed}");
    assert!(!listed.contains('\x1b'), "no colours for a pipe, and none from a report");
    let (code, found, _) =
        run(url, &["issues", "list", "-o", "json", "--", "is:open", "-level:WARNING", "nowhere"]);
    assert_eq!((code, serde_json::from_str::<Value>(&found).unwrap()["issues"].clone()), (0, json!([])));
    let (_, json, _) = run(url, &["issues", "list", "-o", "json", "--level", "critical"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["issues"][0]["count"], 2);

    let (code, _, said) = run(url, &["issues", "status", "1", "FIXED"]);
    assert_eq!(code, 1);
    assert!(said.contains("allowed: VERIFYING"), "{said}");
    assert_eq!(run(url, &["issues", "status", "1", "FIXED", "--force"]).0, 2);
    let fixed =
        run(url, &["issues", "status", "1", "FIXED", "--force", "--note", "by hand", "--commit", "abc"]);
    assert_eq!(fixed, (0, "Issue 1 is FIXED at revision 2\n".into(), String::new()));
    assert_eq!(run(url, &report).1, "Regression detected, reopened: issue 1\n");
    assert_eq!(run(url, &["issues", "show", "9"]).0, 1);
}

#[tokio::test]
async fn projects() {
    let folder = tempdir().unwrap();
    let server = Process::start(folder.path());
    let url = &server.base;
    let set = [
        "project",
        "set",
        "web",
        "--name",
        "网站",
        "--repo-url",
        "https://g.example/w",
        "--local-path",
        "/w",
    ];
    assert_eq!(run(url, &set).0, 0);
    let (_, shown, _) = run(url, &["project", "get", "web", "-o", "json"]);
    let project: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&project["name"], &project["complete"]), (&json!("网站"), &json!(true)));
    assert_eq!(run(url, &["project", "set", "web", "--name", ""]).0, 0);
    let (_, listed, _) = run(url, &["project", "list"]);
    assert_eq!(
        listed.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>()[..3],
        ["web", "-", "false"]
    );
    assert_eq!(run(url, &["project", "get", "nobody"]).0, 1);
    assert_eq!(run(url, &["project", "get", "../etc"]).0, 2);
}

#[tokio::test]
async fn exit_codes_say_what_went_wrong() {
    let folder = tempdir().unwrap();
    let server = Process::start_with(folder.path(), &["--admin-token", "secret", "--require-ingest-key"]);
    let (code, _, said) = run(&server.base, &["issues", "list"]);
    assert_eq!(code, 4);
    assert!(said.contains("A token is needed"), "{said}");
    assert_eq!(run(&server.base, &["issues", "list", "--admin-token", "secret"]).0, 0);
    assert_eq!(run(&server.base, &["report", "--project", "p", "--type", "E", "m"]).0, 4);
    let url = server.base.clone();
    drop(server);
    let (code, _, said) = run(&url, &["issues", "list"]);
    assert_eq!(code, 5);
    assert!(said.contains("does not answer"), "{said}");
    assert_eq!(run("ftp://x", &["issues", "list"]).0, 2);
    assert_eq!(run(&url, &["issues", "list", "--status", "DONE"]).0, 2);
    assert_eq!(run(&url, &["nonsense"]).0, 2);
    assert_eq!(run(&url, &["--version"]).0, 0);
}

#[tokio::test]
async fn the_greeting_names_both_addresses_and_a_line_that_works() {
    let folder = tempdir().unwrap();
    let server = Process::start(folder.path());
    let line = server.greeting.lines().find(|line| line.contains("curl")).unwrap();
    let output = Command::new("sh").arg("-c").arg(line).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), r#"{"message":"Log reported","id":1}"#);
    let page = server.dashboard.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(&format!("{}/docs", server.base)));
    assert_eq!(server.dashboard.get("/api/v1/issues").await.status, 404);
    server.report(&report(1)).await.ok();
    assert!(server.terminate().success());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_log_that_cannot_be_written_breaks_no_request() {
    let folder = tempdir().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let server = Process::start_logging_to(full.into(), folder.path(), &["--admin-token", "correct"]);
    let form = server
        .dashboard
        .request("POST", "/login")
        .header("content-type", "application/x-www-form-urlencoded");
    // A login with a wrong token is logged.
    let answer = server.send(form.header("origin", &server.dashboard.base).body("token=wrong")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    server.report(&report(1)).await.ok();
    assert!(server.terminate().success());
}
