//! The server is unavailable for a while.

use crate::harness::program::{built, command};
use crate::harness::{Process, double, eventually};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Output, Stdio};
use tempfile::tempdir;

async fn probe(server: &str, args: &[&str], spool: Option<&str>) -> Output {
    let mut command = command(&built("probe"), server);
    command.args(args).env("PROBE_TIMEOUT", "2000").envs(spool.map(|folder| ("PROBE_SPOOL", folder)));
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// The count of each error type.
async fn counts(server: &Process) -> BTreeMap<String, u64> {
    let of = |issue: &serde_json::Value| {
        (issue["error"]["type"].as_str().unwrap().to_owned(), issue["count"].as_u64().unwrap())
    };
    server.issues("").await.iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_spool_every_report_of_an_outage_arrives_once() {
    let (folder, spool) = (tempdir().unwrap(), tempdir().unwrap());
    let spool_folder = spool.path().join("spool").to_str().unwrap().to_owned();
    let closed = double::closed_port();
    for _ in 0..2 {
        let output = probe(&closed, &["errors", "300"], Some(&spool_folder)).await;
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
    assert!(std::fs::read_dir(&spool_folder).unwrap().count() > 0);

    let address = closed.trim_start_matches("http://").to_owned();
    let server = Process::start_at(folder.path(), &address);
    // Two processes find the spool at the same time; each file is sent by one of them.
    let (a, b) = tokio::join!(
        probe(&closed, &["errors", "1"], Some(&spool_folder)),
        probe(&closed, &["errors", "1"], Some(&spool_folder))
    );
    assert!(a.status.success() && b.status.success(), "{a:?} {b:?}");
    eventually("the spool is empty", || async {
        if std::fs::read_dir(&spool_folder).unwrap().count() == 0 {
            return Some(());
        }
        probe(&closed, &["nothing"], Some(&spool_folder)).await;
        None
    })
    .await;
    let counts = counts(&server).await;
    assert_eq!(counts.len(), 300);
    for (name, count) in counts {
        assert_eq!(count, if name == "Error0" { 4 } else { 2 }, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_spool_what_is_lost_is_said_and_what_fits_in_memory_is_sent_when_the_server_is_back() {
    an_outage_in_memory(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_that_cannot_be_written_is_as_none() {
    an_outage_in_memory(Some("/dev/null/spool")).await;
}

async fn an_outage_in_memory(spool: Option<&str>) {
    let folder = tempdir().unwrap();
    let closed = double::closed_port();
    let output = probe(&closed, &["errors", "20"], spool).await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("20 were lost"), "{output:?}");

    let mut program = command(&built("probe"), &closed)
        .arg("outage")
        .envs(spool.map(|folder| ("PROBE_SPOOL", folder)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = program.stdin.take().unwrap();
    let mut output = BufReader::new(program.stdout.take().unwrap());
    let mut tell = |name: &str| {
        writeln!(input, "{name}").unwrap();
        let mut delivered = String::new();
        output.read_line(&mut delivered).unwrap();
        delivered.trim().parse::<u64>().unwrap()
    };
    assert_eq!(tell("Away1"), 0);
    assert_eq!(tell("Away2"), 0);
    let server = Process::start_at(folder.path(), closed.trim_start_matches("http://"));
    eventually("the reports of the outage arrive", || async {
        (counts(&server).await.len() == 2).then_some(())
    })
    .await;
    eventually("the program learns of it", || {
        let delivered = tell("Back");
        async move { (delivered >= 3).then_some(()) }
    })
    .await;
    drop(input);
    program.wait().unwrap();
    let counts = counts(&server).await;
    assert_eq!((counts["Away1"], counts["Away2"]), (1, 1), "{counts:?}");
}
