//! `logcenter ci run`: runs a command unchanged, and reports it if it fails.

use super::in_pipeline;
use crate::harness::{binary, double};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

fn run(url: &str, command: &[&str]) -> Command {
    // What starts the tests may ignore signals, and a shell cannot trap what was ignored when it began.
    let mut run = Command::new("env");
    in_pipeline(run.arg("--default-signal").arg(binary()), url)
        .args(["ci", "run", "--project", "shop", "--step", "build", "--"])
        .args(command);
    run
}

#[tokio::test]
async fn a_command_ends_as_it_ends_and_its_failure_is_reported() {
    let (url, kept) = double::recorder().await;
    let ended = async |command: &[&str]| {
        let mut command = run(&url, command);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    };
    let good = ended(&["sh", "-c", "echo out; echo err >&2"]).await;
    assert_eq!((good.status.code(), &*good.stdout, &*good.stderr), (Some(0), &b"out\n"[..], &b"err\n"[..]));
    assert!(kept.lock().unwrap().is_empty());

    let bad = ended(&["sh", "-c", "echo compiling; echo 'no such file' >&2; exit 42"]).await;
    assert_eq!((bad.status.code(), &*bad.stdout), (Some(42), &b"compiling\n"[..]));
    assert!(String::from_utf8_lossy(&bad.stderr).starts_with("no such file\nlogcenter: reported as issue 7"));
    let (report, _) = kept.lock().unwrap().pop().unwrap();
    assert_eq!(report["error"]["message"], "[build] sh ended with exit code 42");
    let stack = report["error"]["stack_trace"].as_str().unwrap();
    assert!(stack.contains("compiling") && stack.contains("no such file"), "{stack}");

    assert_eq!(ended(&["sh", "-c", "kill -9 $$"]).await.status.code(), Some(137));
    assert_eq!(kept.lock().unwrap().pop().unwrap().0["error"]["message"], "[build] sh was ended by signal 9");
    assert_eq!(ended(&["/no/such/program"]).await.status.code(), Some(127));
    assert!(kept.lock().unwrap().pop().is_some());

    let closed = double::closed_port();
    let mut command = run(&closed, &["sh", "-c", "exit 3"]);
    let status = tokio::task::spawn_blocking(move || command.output().unwrap().status).await.unwrap();
    assert_eq!(status.code(), Some(3));
}

#[tokio::test]
async fn a_signal_reaches_the_command() {
    for signal in ["INT", "QUIT", "TERM", "HUP", "USR1", "USR2"] {
        reaches(signal).await;
    }
}

async fn reaches(signal: &str) {
    let (url, kept) = double::recorder().await;
    let waits = format!("trap 'echo told; kill $!; exit 7' {signal}; tail -f /dev/null & echo ready; wait");
    let mut child = run(&url, &["sh", "-c", &waits])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    assert!(
        Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap().success()
    );
    let ended = tokio::task::spawn_blocking(move || {
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        (rest, child.wait().unwrap())
    });
    let (rest, status) = ended.await.unwrap();
    assert_eq!((rest.as_str(), status.code()), ("told\n", Some(7)), "{signal}");
    assert_eq!(
        kept.lock().unwrap().pop().unwrap().0["error"]["message"],
        "[build] sh ended with exit code 7"
    );
}

#[tokio::test]
async fn the_command_lives_as_it_would_without_us() {
    let (url, kept) = double::recorder().await;
    let shell = async |program: &str, args: &[&str], changed: &[(&str, &str)]| {
        let run = run(&url, args);
        let mut shell = Command::new("bash");
        shell.args(["-c", program, "bash"]).arg(run.get_program()).args(run.get_args());
        for (name, value) in run.get_envs() {
            value.map(|value| shell.env(name, value));
        }
        shell.envs(changed.iter().copied());
        tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap()
    };
    // A slow reader gets all of the output, even long after the command ended.
    let slowly = "\"$@\" | { sleep 1; tail -n 1; }";
    let output = shell(slowly, &["seq", "1", "20000"], &[]).await;
    assert_eq!(&*output.stdout, b"20000\n");
    // A process that the command left behind does not hold it up, though it keeps the streams open.
    let left = "echo said; tail -f /dev/null & echo $! >&2";
    let output = shell("\"$@\"", &["sh", "-c", left], &[]).await;
    assert_eq!(&*output.stdout, b"said\n");
    let left = String::from_utf8(output.stderr).unwrap();
    assert!(Command::new("kill").arg(left.trim()).status().unwrap().success());
    assert!(kept.lock().unwrap().is_empty());
    // When nobody reads any more, the command gets SIGPIPE, as with any pipe.
    let output = shell("\"$@\" | head -n 1; exit ${PIPESTATUS[0]}", &["yes"], &[]).await;
    assert_eq!((&*output.stdout, output.status.code()), (&b"y\n"[..], Some(141)));
    assert!(kept.lock().unwrap().pop().is_some());
    // The exit code is kept even if standard error cannot be written.
    let output = shell("\"$@\" 2>/dev/full", &["sh", "-c", "exit 3"], &[]).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(kept.lock().unwrap().pop().is_some());
    // An empty variable, as from an unset setting; an argument in no valid encoding.
    let output = shell("\"$@\" $'caf\\xe9'", &["printf", "%s"], &[("LOG_CENTER_DRY_RUN", "")]).await;
    assert_eq!((&*output.stdout, output.status.code()), (&b"caf\xe9"[..], Some(0)));
    let output = shell("\"$@\"", &["false"], &[("LOG_CENTER_DRY_RUN", "1")]).await;
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["error"]["message"], "[build] false ended with exit code 1");
    assert!(kept.lock().unwrap().is_empty());
}

/// Runs a command in a pseudo-terminal and returns its output.
fn in_terminal(command: &Command) -> Vec<u8> {
    let program = "import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let mut python = Command::new("python3");
    python.args(["-c", program]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => python.env(name, value),
            None => python.env_remove(name),
        };
    }
    python.stdin(Stdio::null()).output().unwrap().stdout
}

#[tokio::test]
async fn in_a_terminal_colours_stay() {
    let (url, kept) = double::recorder().await;
    let asks = "test -t 1 && test -t 2 && printf '\\033[32mgreen\\033[0m\\n'; test -t 2 && printf '\\033[31mred\\033[0m\\n' >&2; exit 1";
    let command = run(&url, &["sh", "-c", asks]);
    let shown = tokio::task::spawn_blocking(move || in_terminal(&command)).await.unwrap();
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(shown.contains("\u{1b}[32mgreen\u{1b}[0m\r\n"), "{shown:?}");
    assert!(shown.contains("\u{1b}[31mred\u{1b}[0m\r\n"), "{shown:?}");
    let (report, _) = kept.lock().unwrap().pop().unwrap();
    let mut lines: Vec<&str> = report["error"]["stack_trace"].as_str().unwrap().split('\n').collect();
    lines.sort_unstable();
    assert_eq!(lines, ["green", "red"]);
}

#[tokio::test]
async fn a_gigabyte_of_output_leaves_memory_flat() {
    let (url, kept) = double::recorder().await;
    let prints = "yes 'a line of a build that says the same for ever' | head -c 1000000000; exit 1";
    let command = run(&url, &["sh", "-c", prints]);
    let program = "import resource, subprocess, sys\nsubprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let mut python = Command::new("python3");
    python.args(["-c", program]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            python.env(name, value);
        }
    }
    let output = tokio::task::spawn_blocking(move || python.output().unwrap()).await.unwrap();
    let kib: u64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    assert!(kib < 64 * 1024, "{kib} KiB");
    assert!(
        kept.lock().unwrap().pop().unwrap().0["error"]["stack_trace"]
            .as_str()
            .unwrap()
            .contains("says the same for ever\n")
    );
}
