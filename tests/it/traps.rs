//! Nothing that errors or the server do can break the program that reports them.

use crate::harness::program::{built, command, marked, run};
use crate::harness::{Center, double};
use serde_json::{Value, json};
use std::os::unix::process::ExitStatusExt;
use std::process::Output;
use std::sync::atomic::Ordering;

const TRAPS: &str = "tests/probe/src/traps.rs";
const PANICS: &str = "tests/probe/src/panics.rs";

/// Runs a scenario to completion.
async fn probe(center: &str, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = command(&built("probe"), center);
    command.args(args).envs(variables.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// All issues, in full.
async fn issues(center: &Center) -> Vec<Value> {
    let mut whole = Vec::new();
    for issue in center.issues("").await {
        whole.push(center.get(&format!("/api/v1/issues/{}", issue["id"])).await.ok());
    }
    whole
}

#[tokio::test]
async fn reporting_reports_nothing_of_itself() {
    let (server, requests) = double::always(500).await;
    let output = probe(&server, &["trace-loop"], &[("PROBE_TIMEOUT", "500")]).await;
    assert!(output.status.success(), "{output:?}");
    let requests = requests.load(Ordering::SeqCst);
    assert!((1..=12).contains(&requests), "{requests} requests for one report");
    assert!(!text(&output).contains("POST"), "the worker logs: {}", text(&output));
}

#[tokio::test]
async fn a_field_that_logs_is_one_report() {
    let center = Center::start().await;
    let output = probe(&center.base, &["logging-debug"], &[]).await;
    assert!(output.status.success(), "{output:?}");
    let issues = issues(&center).await;
    assert_eq!(issues.len(), 1, "{issues:#?}");
    assert_eq!(issues[0]["error"]["line_number"], marked(TRAPS, "outer"));
    assert_eq!(issues[0]["context"]["fields"], json!({"field": "logs"}));
}

#[tokio::test]
async fn a_panic_while_unwinding_tells_both_before_the_process_dies() {
    let center = Center::start().await;
    let output = probe(&center.base, &["panic-in-drop"], &[]).await;
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{output:?}");
    let mut lines: Vec<_> =
        issues(&center).await.iter().map(|issue| issue["error"]["line_number"].as_u64().unwrap()).collect();
    lines.sort_unstable();
    let mut expected = ["in_drop", "before_drop"].map(|what| marked(PANICS, what));
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_panic_in_a_threads_last_moment_changes_nothing() {
    let center = Center::start().await;
    let output = probe(&center.base, &["panic-in-thread-local"], &[]).await;
    // The same as without us: the standard library aborts.
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{output:?}");
    assert!(text(&output).contains("in a destructor"), "{}", text(&output));
}

#[tokio::test]
async fn what_a_handler_logs_before_it_panics_is_told_with_the_panic() {
    let center = Center::start().await;
    let output = probe(&center.base, &["panic-after-log"], &[]).await;
    assert!(output.status.success(), "{output:?}");
    let issues = issues(&center).await;
    assert_eq!(issues.len(), 1, "{issues:#?}");
    assert_eq!(issues[0]["error"]["line_number"], marked(PANICS, "logged_before"));
    assert_eq!(issues[0]["context"]["log"], "the pool is exhausted");
    assert_eq!(issues[0]["context"]["request"]["route"], "/orders");
}

#[tokio::test]
async fn a_panic_that_ends_the_program_is_told() {
    let center = Center::start().await;
    let output = probe(&center.base, &["panic-in-main"], &[]).await;
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let issues = issues(&center).await;
    assert_eq!((issues.len(), &issues[0]["error"]["message"]), (1, &json!("the end")));
    assert_eq!(issues[0]["error"]["line_number"], marked(PANICS, "in_main"));
}

#[tokio::test]
async fn a_panic_in_before_send_spoils_no_report() {
    let center = Center::start().await;
    let output = probe(&center.base, &["panic-in-before-send"], &[]).await;
    assert!(output.status.success(), "{output:?}");
    let mut messages: Vec<_> = issues(&center)
        .await
        .iter()
        .map(|issue| issue["error"]["message"].as_str().unwrap().to_owned())
        .collect();
    messages.sort();
    assert_eq!(messages, ["first", "second"]);
}

#[tokio::test]
async fn a_server_that_never_answers_delays_the_end_by_its_timeout_and_no_more() {
    let output = probe(&double::black_hole().await, &["errors", "3"], &[("PROBE_TIMEOUT", "700")]).await;
    assert!(output.status.success(), "{output:?}");
    let millis: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
    assert!((400..=1500).contains(&millis), "{millis} ms");
    assert!(text(&output).contains("3 were lost"), "{}", text(&output));
}

#[tokio::test]
async fn a_program_is_not_affected_by_what_it_cannot_reach() {
    let closed = double::closed_port();
    let closed_tls = closed.replace("http://", "https://");
    let no_certificates = ("SSL_CERT_FILE", "/nonexistent");
    for (url, variables, says) in [
        (&*closed, vec![], "were lost"),
        (&*closed_tls, vec![no_certificates, ("SSL_CERT_DIR", "/nonexistent")], "were lost"),
        ("not a url", vec![], "is no URL"),
        ("ftp://host/", vec![], "must begin with http"),
        ("http://user:hunter2@[::1", vec![], "is no URL"),
    ] {
        let variables: Vec<_> = variables.into_iter().chain([("PROBE_TIMEOUT", "300")]).collect();
        let output = probe(url, &["errors", "1"], &variables).await;
        assert!(output.status.success(), "{url}: {output:?}");
        let text = text(&output);
        assert!(
            text.contains(says) && !text.contains("panicked") && !text.contains("hunter2"),
            "{url}: {text}"
        );
        assert_eq!(text.matches("logcenter:").count(), 1, "{url}: {text}");
    }
}

#[tokio::test]
async fn a_forked_child_reports_by_itself() {
    let center = Center::start().await;
    let output = probe(&center.base, &["fork"], &[]).await;
    assert!(output.status.success(), "{output:?}");
    let mut types: Vec<_> = issues(&center)
        .await
        .iter()
        .map(|issue| (issue["error"]["type"].clone(), issue["count"].clone()))
        .collect();
    types.sort_by_key(|(name, _)| name.to_string());
    assert_eq!(types, [(json!("Child"), json!(1)), (json!("Parent"), json!(1))]);
}

#[tokio::test]
async fn what_is_huge_is_cut_and_what_is_cyclic_ends() {
    let center = Center::start().await;
    let output = probe(&center.base, &["huge"], &[]).await;
    assert!(output.status.success(), "{output:?}");
    let issues = issues(&center).await;
    assert_eq!(issues.len(), 2, "{issues:#?}");
    let huge = issues.iter().find(|issue| issue["error"]["line_number"] == marked(TRAPS, "huge")).unwrap();
    let message = huge["error"]["message"].as_str().unwrap();
    assert!(message.len() <= 8 * 1024 + 4 && message.ends_with('…'), "{}", message.len());
    assert_eq!(huge["context"]["chain"].as_array().unwrap().len(), 17);
    assert!(huge.to_string().len() < 64 * 1024);
    assert!(issues.iter().any(|issue| issue["error"]["type"] == "Nul\u{FFFD}"), "{issues:#?}");
}

#[tokio::test]
async fn secrets_stay_at_home() {
    let center = Center::start().await;
    let output = probe(&center.base, &["secrets"], &[]).await;
    assert!(output.status.success(), "{output:?}");
    let issues = issues(&center).await;
    assert_eq!(issues.len(), 2, "{issues:#?}");
    for issue in &issues {
        assert!(!issue.to_string().contains("hunter2"), "{issue:#}");
    }
    let failed = issues.iter().find(|issue| !issue["context"]["request"].is_null()).unwrap();
    let request = &failed["context"]["request"];
    assert_eq!(request["query"], "password=[scrubbed]&iban=[scrubbed]&page=2");
    assert_eq!(request["headers"], json!({"x-tenant": "seven"}));
}

#[tokio::test]
async fn a_storm_is_counted_and_costs_few_requests() {
    let center = Center::start().await;
    let output = probe(&center.base, &["storm", "5000"], &[]).await;
    assert!(output.status.success(), "{output:?}");
    let issues = center.issues("").await;
    assert_eq!((issues.len(), &issues[0]["count"]), (1, &json!(5000)), "{issues:#?}");
    let events = center.get(&format!("/api/v1/issues/{}/events", issues[0]["id"])).await.ok();
    assert!(events["events"][0]["id"].as_u64().unwrap() <= 61, "{events}");
}

#[tokio::test]
async fn a_flood_is_bounded_in_memory() {
    let server = double::black_hole().await;
    let output =
        probe(&server, &["flood", "100000"], &[("PROBE_TIMEOUT", "200"), ("PROBE_STACKS", "never")]).await;
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let [peak, lost] = numbers[..] else { panic!("{text}") };
    // 100,000 of them would be more than 100 MiB.
    assert!(peak < 40 * 1024, "{peak} KiB");
    assert!(lost > 90_000, "{lost} lost");
}

#[test]
fn the_doctor_says_what_is_missing() {
    let output = run(&built("probe"), "http://127.0.0.1:1", &["doctor"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "stacks name functions, files and lines");
}
