//! A program whose reports nobody takes does not wait for a change of mind.

use crate::harness::double;
use crate::harness::program::{built, command};
use std::process::{Command, Output};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Runs a program that reports three errors and then may wait ten minutes for the server.
async fn run(change: impl FnOnce(&mut Command)) -> Output {
    let mut program = command(&built("probe"), "");
    program.args(["errors", "3"]).env("PROBE_TIMEOUT", "600000");
    change(&mut program);
    let ended = tokio::task::spawn_blocking(move || program.output().unwrap());
    let output = tokio::time::timeout(Duration::from_secs(60), ended).await;
    let output = output.expect("the program waits").unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn without_a_server_reporting_is_off_and_says_so_once() {
    drop(std::net::TcpListener::bind("localhost:8002").expect("this test needs port 8002 to be free"));
    let output = run(|program| _ = program.env_remove("LOG_CENTER_URL")).await;
    assert_eq!(
        stderr(&output),
        "logcenter: errors are not reported: off, since LOG_CENTER_URL is not set and nobody listens at \
         http://localhost:8002/\n"
    );
}

#[tokio::test]
async fn nobody_who_refuses_is_waited_for() {
    let output = run(|program| _ = program.env("LOG_CENTER_URL", double::closed_port())).await;
    assert_eq!(stderr(&output).lines().count(), 1, "{output:?}");
    assert!(stderr(&output).contains("3 were lost"), "{output:?}");
}

#[tokio::test]
async fn a_wrong_key_and_a_wrong_address_are_told_once_and_cost_nothing_that_is_spooled() {
    let spool = tempfile::tempdir().unwrap();
    for (status, says) in [(401, "check LOG_CENTER_KEY"), (404, "check LOG_CENTER_URL"), (308, "refers to")] {
        let (server, requests) = double::always(status).await;
        let output = run(|program| {
            program.env("LOG_CENTER_URL", &server).env("PROBE_SPOOL", spool.path().join(status.to_string()));
        });
        let output = output.await;
        assert_eq!(stderr(&output).lines().count(), 1, "{output:?}");
        assert!(stderr(&output).contains(says), "{output:?}");
        assert!(requests.load(Ordering::SeqCst) >= 1);
        let kept = std::fs::read_dir(spool.path().join(status.to_string())).unwrap();
        let kept: String = kept.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
        assert_eq!(kept.lines().count(), 3, "{kept}");
    }
}
