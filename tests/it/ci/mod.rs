//! Failures in a pipeline, reported by the binary and by the script: the same report, and they never fail themselves.

mod run;
mod shipped;

use crate::harness::{binary, double};
use serde_json::Value;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::tempdir;

const SECRET: &str = "hunter2-and-more";

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("scripts/report-cicd-error.sh")
}

/// The commands that report: the binary, and the script in each shell.
fn ways() -> Vec<(&'static str, Command)> {
    let mut binary = Command::new(binary());
    binary.args(["ci", "report", "--"]);
    let mut ways = vec![("binary", binary)];
    for (name, shell) in [("dash", &["dash"][..]), ("bash", &["bash"]), ("busybox", &["busybox", "sh"])] {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).arg(script()).env("LOG_CENTER_NO_BINARY", "1");
        ways.push((name, command));
    }
    ways
}

/// Sets the variables of a pipeline run, including a secret, and removes those of the machine that runs the tests.
fn in_pipeline<'a>(command: &'a mut Command, url: &str) -> &'a mut Command {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["GITHUB_", "GITEA_", "LOG_CENTER_U", "LOG_CENTER_K"].iter().any(|begin| name.starts_with(begin)) {
            command.env_remove(&*name);
        }
    }
    command.envs([
        ("LOG_CENTER_URL", url),
        ("LOG_CENTER_KEY", "lck_\"quoted\\"),
        ("DEPLOY_TOKEN", SECRET),
        ("GITEA_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://git.example.com"),
        ("GITHUB_REPOSITORY", "team/shop"),
        ("GITHUB_RUN_ID", "9001"),
        ("GITHUB_RUN_NUMBER", "24"),
        ("GITHUB_JOB", "build-and-deploy"),
        ("GITHUB_WORKFLOW", "Build \"and\" Deploy"),
        ("GITHUB_REF_NAME", "feature/最新"),
        ("GITHUB_ACTOR", "lin"),
        ("GITHUB_SHA", "abc1234def5678"),
    ])
}

/// Runs a command that must succeed within a few seconds.
async fn ends_well(mut command: Command, what: &str) -> Output {
    let begin = Instant::now();
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{what}: {output:?}");
    assert!(begin.elapsed() < Duration::from_secs(4), "{what} took {:?}", begin.elapsed());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches("logcenter: ").count(), 1, "{what}: {said}");
    assert!(!said.contains(SECRET), "{what}: {said}");
    output
}

/// Difficult logs.
fn corpus() -> Vec<(&'static str, Vec<u8>)> {
    let line = |text: &str| format!("{text}\n").into_bytes();
    vec![
        ("quotes", line(r#"it's "quoted" \ and $HOME `id` $(id) %s %d"#)),
        ("newlines", b"one\r\ntwo\n\n\nthree".to_vec()),
        (
            "colours",
            b"\x1b[31;1mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x1b\\ \x1b[2KABC d\x1b(B\x1b=ok \x1bPq#1\x1b\\\x1b7\n".to_vec(),
        ),
        ("progress", b" 10%\r 50%\r100%\r\ndone\r\n".to_vec()),
        ("zeros", b"a\0b\0\0c\n\0\n".to_vec()),
        ("a million zeros", b"a\0".repeat(500_000)),
        ("not unicode", [&b"\xc4\xe3\xba\xc3 \xe3\xba a\xe3"[..], b"\n"].concat().repeat(500)),
        ("not unicode, GBK", b"\xc4\xe3\xba\xc3\xca\xc0\xbd\xe7\n".repeat(40)),
        ("not unicode, long", [b"\xc4\xe3\xba\xc3\xca\xc0 ".repeat(300), b"\xf0\n".to_vec()].concat().repeat(100)),
        ("many secrets", [b"password=swordfish ".repeat(500), b"\n".to_vec()].concat().repeat(100)),
        ("no text", b"ok \xff\xfe bad\n\xc3(\xe4\xbd\n\xf0\x9f\n".to_vec()),
        ("long line", [b"begin ".to_vec(), vec![b'x'; 200_000], b" end\n".to_vec()].concat()),
        ("long chinese", "构建失败".repeat(20_000).into_bytes()),
        (
            "ten megabytes",
            (0..200_000)
                .flat_map(|n| format!("line {n} of a log that does not end\n").into_bytes())
                .collect(),
        ),
        ("chinese", line("错误:找不到模块 😀")),
        ("utf-16", "Error: module not found 错误\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        (
            "utf-16, marked",
            "\u{feff}构建失败\nat line 7\n".encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ),
        ("empty", Vec::new()),
        ("one line end", b"\n".to_vec()),
        (
            "secrets",
            line(&format!(
                "token {SECRET} https://me:pw@host/x ghp_0123456789abcdefghij01 password: \"swordfish is in\" DB_PASS=swordfish AWS_SECRET_ACCESS_KEY='swordfish' \
                {{\\\"private_key\\\": \\\"swordfish\\\"}} https://me:sword@swordfish@host/ me:swordfish@db.example.com"
            )),
        ),
        (
            "secret arguments",
            line(
                "docker login -u me --password swordfish host; docker login -p swordfish host; curl -u me:swordfish https://h/ \
                 --proxy-user 'me:swordfish' --auth-token \"swordfish is in\" sshpass -p swordfish ssh; mysql -u me -pswordfish shop",
            ),
        ),
        ("many secret arguments", [b"docker login -p x ".repeat(500), b"\n".to_vec()].concat().repeat(100)),
        ("secret at the cut", [vec![b'y'; 995], SECRET.as_bytes().to_vec(), vec![b'z'; 50_000]].concat()),
        (
            "key",
            b"a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\nb\n"
                .to_vec(),
        ),
        (
            "end of a key",
            [&b"MIIEowIBAAKCAQEA\n".repeat(120)[..], b"-----END OPENSSH PRIVATE KEY-----\nbuilt\n"].concat(),
        ),
    ]
}

#[tokio::test]
async fn the_binary_and_the_script_say_the_same() {
    let folder = tempdir().unwrap();
    let (url, kept) = double::recorder().await;
    let mut cases: Vec<(String, String, String)> = Vec::new();
    for (name, bytes) in corpus() {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        cases.push((name.into(), "Run Tests".into(), path.to_str().unwrap().into()));
    }
    for (step, message) in [
        ("Build Docker Image", "Docker build failed: exit code 1"),
        ("deploy", "kubectl: connection refused"),
        ("npm \"ci\"", "two\nlines"),
        ("构建", "--help"),
        ("lint", "/no/such/file.log"),
        ("build", ""),
        (SECRET, SECRET),
        (
            "tests of everything, with a name that is longer than most names of steps are: PostgreSQL",
            "it broke",
        ),
    ] {
        cases.push((message.into(), step.into(), message.into()));
    }
    // An unreadable file, where a user without permission exists.
    let closed = folder.path().join("closed.log");
    std::fs::write(&closed, "closed").unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o0)).unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    cases.push(("closed".into(), "build".into(), closed.to_str().unwrap().into()));
    for (name, step, message) in cases {
        let mut reports: Vec<(&str, Value)> = Vec::new();
        for (way, mut command) in ways() {
            in_pipeline(&mut command, &url).args(["shop", &step, &message]);
            if name == "closed" && is_root {
                command.uid(65534);
            }
            let what = format!("{name} by {way}");
            ends_well(command, &what).await;
            let (report, key) = kept.lock().unwrap().pop().unwrap_or_else(|| panic!("{what} sent nothing"));
            assert_eq!(key, "Bearer lck_\"quoted\\", "{what}");
            let text = report.to_string();
            for secret in [SECRET, "hunter2-", "swordfish", "ghp_", "me:pw@", "MIIEow", "\\u001b"] {
                assert!(!text.contains(secret), "{what} tells {secret}: {text}");
            }
            assert!(text.len() < 600_000, "{what} is {} long", text.len());
            reports.push((way, report));
        }
        if name.starts_with("not unicode") {
            // Only the binary can tell a code page.
            let (_, binary) = reports.remove(0);
            let log = binary["error"]["stack_trace"].as_str().unwrap();
            assert!(
                !log.contains('\u{fffd}') && (name != "not unicode, GBK" || log.starts_with("你好世界\n")),
                "{log}"
            );
        }
        for (way, report) in &reports {
            assert_eq!(report, &reports[0].1, "{name} by {way}");
        }
        let (_, last) = reports.last().unwrap();
        let log = last["error"]["stack_trace"].as_str().unwrap_or_default();
        match &*name {
            "utf-16" => assert_eq!(log, "Error: module not found 错误"),
            "utf-16, marked" => assert_eq!(log, "构建失败\nat line 7"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn what_a_report_says() {
    let folder = tempdir().unwrap();
    let log = folder.path().join("test.log");
    std::fs::write(&log, "1 passed\n1 failed\n").unwrap();
    let (url, kept) = double::recorder().await;
    let (_, mut command) = ways().remove(0);
    in_pipeline(&mut command, &url).args(["shop", "Run Tests", log.to_str().unwrap()]);
    let output = ends_well(command, "a report").await;
    assert_eq!(String::from_utf8_lossy(&output.stderr), "logcenter: reported as issue 7 of shop\n");
    let (report, _) = kept.lock().unwrap().pop().unwrap();
    let expected = serde_json::json!({
        "project_id": "shop", "environment": "feature/最新", "level": "ERROR", "source": "cicd", "version": null, "timestamp": null,
        "commit_hash": "abc1234def5678", "repo_url": "https://git.example.com/team/shop.git",
        "event_id": report["event_id"],
        "error": {"type": "TestFailure", "message": "[Run Tests] Build \"and\" Deploy failed on branch feature/最新",
            "file_path": null, "line_number": null, "stack_trace": "1 passed\n1 failed"},
        "context": {"job_name": "build-and-deploy", "step_name": "Run Tests", "workflow": "Build \"and\" Deploy", "run_id": "24",
            "branch": "feature/最新", "actor": "lin", "commit": "abc1234def5678", "run_url": "https://git.example.com/team/shop/actions/runs/24"},
    });
    assert_eq!(report, expected);
    // The same failure has the same event id; another leg of a matrix has a different one.
    let named = async |message: &str| {
        let (_, mut command) = ways().remove(0);
        in_pipeline(&mut command, &url).args(["shop", "Run Tests", message]);
        ends_well(command, "a report").await;
        kept.lock().unwrap().pop().unwrap().0["event_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(named(log.to_str().unwrap()).await, report["event_id"]);
    assert_ne!(named("on node 22").await, named("on node 24").await);
}

#[tokio::test]
async fn both_say_the_same_wherever_they_run() {
    let (url, kept) = double::recorder().await;
    type Change = (&'static str, Option<&'static str>);
    let github: [Change; 4] = [
        ("GITEA_ACTIONS", None),
        ("GITHUB_HEAD_REF", Some("fix/it")),
        ("GITHUB_RUN_ATTEMPT", Some("2")),
        ("RUNNER_NAME", Some("runner 1")),
    ];
    let elsewhere: [Change; 2] = [
        ("LOG_CENTER_FORGE_URL", Some("https://forge.example.com/")),
        ("LOG_CENTER_RUN_URL", Some("https://ci/7")),
    ];
    for (place, changes) in [("github", &github[..]), ("elsewhere", &elsewhere), ("nowhere", &[])] {
        let mut reports: Vec<Value> = Vec::new();
        for (way, mut command) in ways() {
            in_pipeline(&mut command, &url).args(["shop", "test", "it broke"]);
            if place == "nowhere" {
                let names: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
                let of_forge = |name: &&std::ffi::OsString| name.to_string_lossy().starts_with("GIT");
                names.iter().filter(of_forge).for_each(|name| {
                    command.env_remove(name);
                });
            }
            for (name, value) in changes {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            ends_well(command, &format!("{place} by {way}")).await;
            reports.push(kept.lock().unwrap().pop().unwrap().0);
        }
        assert!(reports.iter().all(|report| *report == reports[0]), "{place}: {reports:#?}");
        let told = (
            &reports[0]["environment"],
            &reports[0]["context"]["run_url"],
            reports[0]["event_id"].is_string(),
        );
        let expected = match place {
            "github" => {
                (&"fix/it".into(), &"https://git.example.com/team/shop/actions/runs/9001".into(), true)
            }
            "elsewhere" => (&"feature/最新".into(), &"https://ci/7".into(), true),
            _ => (&"unknown".into(), &Value::Null, false),
        };
        assert_eq!(told, expected, "{place}");
    }
}

#[tokio::test]
async fn a_pipeline_never_fails_of_it() {
    let servers = [
        double::closed_port(),
        double::black_hole().await,
        double::always(500).await.0,
        "no address".into(),
        "http://no-such-host.invalid".into(),
    ];
    for url in servers {
        for (way, mut command) in ways() {
            in_pipeline(&mut command, &url).args(["shop", "test", "it broke"]);
            let output = ends_well(command, &format!("{url} by {way}")).await;
            assert!(
                String::from_utf8_lossy(&output.stderr).contains("not reported"),
                "{url} by {way}: {output:?}"
            );
        }
    }
    // Nowhere to write, and none of the tools it needs.
    let (url, kept) = double::recorder().await;
    for (way, mut command) in ways() {
        in_pipeline(&mut command, &url).env("TMPDIR", "/proc/none").args(["shop", "test", "it broke"]);
        ends_well(command, &format!("no TMPDIR by {way}")).await;
        assert!(kept.lock().unwrap().pop().is_some(), "{way}");
    }
    let folder = tempdir().unwrap();
    for missing in ["curl", "jq"] {
        let path = folder.path().join(missing);
        std::fs::create_dir(&path).unwrap();
        for program in ["sh", "dash", "tail", "tr", "sed", "awk", "base64", "cut", "head", "curl", "jq"] {
            if program != missing {
                let found =
                    Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap();
                std::os::unix::fs::symlink(
                    String::from_utf8(found.stdout).unwrap().trim(),
                    path.join(program),
                )
                .unwrap();
            }
        }
        let mut command = Command::new("dash");
        in_pipeline(&mut command, &url).env("PATH", &path).arg(script()).args(["shop", "test", "it broke"]);
        let output = ends_well(command, missing).await;
        assert!(String::from_utf8_lossy(&output.stderr).contains(&format!("{missing} is missing")));
    }
    for args in [&[][..], &["shop"], &["shop", "a", "b", "c"]] {
        let mut command = Command::new("dash");
        in_pipeline(&mut command, &url).arg(script()).args(args);
        assert!(String::from_utf8_lossy(&ends_well(command, "usage").await.stderr).contains("usage"));
    }
    for (way, mut command) in ways() {
        in_pipeline(&mut command, &url).args(["no/project", "test", "it broke"]);
        let output = ends_well(command, &format!("no project by {way}")).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("reported"), "{way}: {said}");
    }
    for args in [&["ci", "report", "only"][..], &["ci", "--no-such-flag", "report", "shop"]] {
        let mut wrong = Command::new(binary());
        in_pipeline(&mut wrong, &url).args(args);
        assert!(wrong.output().unwrap().status.success(), "{args:?}");
    }
    // Standard error cannot be written.
    for (way, mut command) in ways() {
        in_pipeline(&mut command, &url).args(["shop", "test", "it broke"]);
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let status =
            tokio::task::spawn_blocking(move || command.stderr(full).status().unwrap()).await.unwrap();
        assert!(status.success(), "{way}");
        assert!(kept.lock().unwrap().pop().is_some(), "{way}");
    }
    // Arguments in no valid encoding, and a key with a line break.
    for (way, mut command) in ways() {
        in_pipeline(&mut command, &url).env("LOG_CENTER_KEY", "lck_key\n").args(["shop", "test"]);
        command.arg(std::ffi::OsStr::from_bytes(b"caf\xe9 broke"));
        ends_well(command, way).await;
        let (report, key) = kept.lock().unwrap().pop().unwrap();
        assert_eq!(
            (report["error"]["message"].as_str(), &*key),
            (Some("[test] caf\u{fffd} broke"), "Bearer lck_key")
        );
    }
    // A password in the server's URL, and a page that is not a Log Center response.
    let address = double::closed_port().replace("//", "//me:swordfish@");
    let page = double::always(200).await.0;
    for url in [address, page] {
        for (way, mut command) in ways() {
            in_pipeline(&mut command, &url).args(["shop", "test", "it broke"]);
            let output = ends_well(command, way).await;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("not reported") && !said.contains("swordfish"), "{way}: {said}");
        }
    }
    // A key must never be on a command line, which every process can read.
    let text = std::fs::read_to_string(script()).unwrap();
    assert!(!text.contains("-H \"Authorization") && !text.contains("-H 'Authorization"));
}

#[tokio::test]
async fn the_script_uses_the_binary_where_there_is_one() {
    let (url, kept) = double::recorder().await;
    let mut command = Command::new("dash");
    let path = format!("{}:{}", binary().parent().unwrap().display(), std::env::var("PATH").unwrap());
    in_pipeline(&mut command, &url).env("PATH", path).arg(script()).args(["shop", "test", "--by=binary"]);
    ends_well(command, "the script with the binary").await;
    assert_eq!(kept.lock().unwrap().pop().unwrap().0["error"]["message"], "[test] --by=binary");

    // With the binary, the script needs nothing else.
    let folder = tempdir().unwrap();
    std::os::unix::fs::symlink(binary(), folder.path().join("logcenter")).unwrap();
    let mut command = Command::new("/bin/dash");
    in_pipeline(&mut command, &url).env("PATH", folder.path()).arg(script()).args(["shop", "test", "alone"]);
    ends_well(command, "the script with the binary alone").await;
    assert_eq!(kept.lock().unwrap().pop().unwrap().0["error"]["message"], "[test] alone");
}
