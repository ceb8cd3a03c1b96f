//! How far an attempt goes, and how it ends: by the configuration, and by what is found.

use super::shop::shop;
use super::{Ran, Workshop, artifact};
use crate::harness::eventually;
use serde_json::{Value, json};
use std::path::PathBuf;
use tokio::io::{AsyncBufReadExt, BufReader};

const MINUTE: i64 = 60_000;

/// A configuration of the shop with other lines: each replaces the line of the same name.
fn configured(workshop: &Workshop, lines: &[&str]) -> PathBuf {
    let path = workshop.agent("repair-1");
    let mut text: Vec<String> = std::fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    for line in lines {
        let name = line.split(" =").next().unwrap();
        text.retain(|old| old.split(" =").next() != Some(name) || name == "[agent]");
        text.push((*line).to_owned());
    }
    std::fs::write(&path, text.join("\n")).unwrap();
    path
}

/// Works on the issue of a new workshop.
async fn once(lines: &[&str], reproduce: &str, fixer: &str) -> (Workshop, i64, Ran) {
    let workshop = shop().await;
    let id = workshop.broken().await;
    if !reproduce.is_empty() {
        workshop.program("reproduce.py", reproduce);
    }
    if !fixer.is_empty() {
        workshop.program("fixer", fixer);
    }
    let config = configured(&workshop, lines);
    let ran = workshop.run(&config, &["once"]).await;
    (workshop, id, ran)
}

#[track_caller]
fn ended(ran: &Ran, code: i32, status: &str, verdict: &str) {
    let attempt = ran.attempt();
    assert_eq!(
        (ran.code, &attempt["status"], &attempt["verdict"]),
        (Some(code), &json!(status), &json!(verdict)),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reproduction_says_that_the_error_is_there_or_not_or_cannot_tell() {
    let (workshop, id, ran) = once(&[], "print('all is well')\n", "").await;
    ended(&ran, 0, "CANNOT_REPRODUCE", "not_reproduced");
    assert!(workshop.attempts(id).await[0]["reason"].as_str().unwrap().contains("ended with 0, twice"));
    for (reproduce, word) in [
        ("raise SystemExit(125)\n", "cannot tell"),
        ("print('no network'); raise SystemExit(1)\n", "did not name"),
    ] {
        let (workshop, id, ran) = once(&[], reproduce, "").await;
        ended(&ran, 6, "NEW", "infra_error");
        assert!(ran.stderr.contains(word), "{word}: {ran:?}");
        // It is not the issue's fault: it waits ten minutes, and does not count.
        workshop.center.pass_millis(10 * MINUTE);
        let ran = workshop.run(&configured(&workshop, &[]), &["once", &id.to_string()]).await;
        ended(&ran, 6, "NEW", "infra_error");
    }
}

/// Shows the error in every other slot of three seconds, and ends just after one began: so the next run sees the next slot.
const EVERY_OTHER_TIME: &str = "
import time
time.sleep(3 - time.time() % 3 + 0.05)
if time.time() // 3 % 2:
    raise ZeroDivisionError
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_that_is_there_once_and_once_is_not_is_no_verdict() {
    let (_, _, ran) = once(&[], EVERY_OTHER_TIME, "").await;
    ended(&ran, 6, "NEW", "infra_error");
    assert!(ran.stderr.contains("there once, and once it was not"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_pauses_after_three_failures_of_the_machine_and_others_go_on() {
    let workshop = shop().await;
    let config = workshop.agent("repair-1");
    let broken = format!(
        "[[project]]\nid = \"broken\"\nrepo = {:?}\nfixer = [\"/bin/true\"]\ntest = [\"/no/such/program\"]\n",
        workshop.forge.address("shop")
    );
    let text = std::fs::read_to_string(&config).unwrap() + broken.as_str();
    std::fs::write(&config, text).unwrap();
    for name in ["A", "B", "C", "D"] {
        workshop.report("broken", name, "shop.py", "x").await;
    }
    let mut agent = workshop.command(&config, &["run"]).spawn().unwrap();
    let mut said = BufReader::new(agent.stderr.take().unwrap()).lines();
    loop {
        let line = said.next_line().await.unwrap().expect("it goes on");
        if line.contains("project broken pauses for 10 minutes") {
            break;
        }
    }
    let id = workshop.broken().await;
    eventually("the other project is repaired", || async {
        (workshop.admin.issue(id).await["status"] == "FIXED").then_some(())
    })
    .await;
    agent.kill().await.unwrap();
    let issues = workshop.admin.issues("project_id=broken").await;
    let mut tried = 0;
    for issue in &issues {
        tried += workshop.attempts(issue["id"].as_i64().unwrap()).await.len();
    }
    assert_eq!((issues.len(), tried), (4, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_toolchain_is_no_verdict_on_the_issue() {
    let (_, _, ran) =
        once(&["test = [\"/usr/bin/python3\", \"-c\", \"import no_such_module\"]"], "", "").await;
    ended(&ran, 6, "NEW", "infra_error");
    assert!(ran.stderr.contains("on the untouched base") && ran.stderr.contains("no_such_module"), "{ran:?}");
}

/// Writes one test when it is asked for one, and mends the code otherwise.
fn writes(test: &str) -> String {
    format!(
        "#!/bin/bash\nif grep -q 'Write ONE new test' \"$LOGCENTER_TASK/prompt.md\"; then\n\
         cat >tests/test_reported.py <<'END'\n{test}END\n\
         echo tests/test_reported.py >\"$LOGCENTER_TASK/out/reproduce\"\nelse\n\
         sed -i 's/^    return/    if not prices:\\n        return 0\\n    return/' shop.py\nfi\n"
    )
}

const HEAD: &str =
    "import unittest\nfrom shop import average\n\n\nclass T(unittest.TestCase):\n    def test_it(self):\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_shows_the_error_only_if_it_fails_and_names_it() {
    let passes = writes(&format!("{HEAD}        self.assertEqual(average([2]), 2)\n"));
    let other = writes(&format!("{HEAD}        self.fail('something else')\n"));
    let broken = writes("import no_such_module  # ZeroDivisionError\n");
    for (fixer, word) in [
        (passes.as_str(), "do not fail"),
        (other.as_str(), "does not name ZeroDivisionError"),
        (broken.as_str(), "the tests do not run"),
        ("#!/bin/bash\ntrue\n", "named no test file"),
        ("#!/bin/bash\necho shop.py >\"$LOGCENTER_TASK/out/reproduce\"\n", "no new file"),
        (
            "#!/bin/bash\necho x >notes.txt; echo notes.txt >\"$LOGCENTER_TASK/out/reproduce\"\n",
            "cannot be a test",
        ),
    ] {
        let (workshop, id, ran) = once(&["reproduce = []"], "", fixer).await;
        ended(&ran, 0, "CANNOT_REPRODUCE", "not_reproduced");
        let reason = workshop.attempts(id).await[0]["reason"].clone();
        assert!(reason.as_str().unwrap().contains(word), "{word}: {reason}");
    }
    let shows = writes(&format!("{HEAD}        self.assertEqual(average([]), 0)\n"));
    let (_, _, ran) = once(&["reproduce = []"], "", &shows).await;
    ended(&ran, 0, "FIXED", "fixed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_reproduction_a_patch_is_the_most() {
    let passes = writes(&format!("{HEAD}        self.assertEqual(average([2]), 2)\n"));
    let (workshop, id, ran) = once(&["reproduce = []", "reproduce_required = false"], "", &passes).await;
    ended(&ran, 0, "PENDING_FIX", "fixed");
    assert_eq!(workshop.forge.branches("shop"), ["main"]);
    let history = workshop.admin.get(&format!("/api/v1/issues/{id}/history")).await.ok();
    let notes: Vec<&Value> =
        history["history"].as_array().unwrap().iter().map(|entry| &entry["note"]).collect();
    assert!(notes.contains(&&json!("not reproduced")), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_goes_as_far_as_it_may() {
    let (workshop, id, ran) = once(&["max_stage = \"analyse\""], "", "").await;
    ended(&ran, 0, "NEW", "reproduced");
    workshop.center.pass_millis(24 * 60 * MINUTE);
    let again =
        workshop.run(&configured(&workshop, &["max_stage = \"analyse\""]), &["once", &id.to_string()]).await;
    assert!(again.lines.is_empty(), "it waits for a person: {again:?}");

    let (workshop, _, ran) = once(&["max_stage = \"patch\""], "", "").await;
    ended(&ran, 0, "PENDING_FIX", "fixed");
    assert_eq!(workshop.forge.branches("shop"), ["main"]);

    let (workshop, id, ran) = once(&["max_stage = \"branch\""], "", "").await;
    ended(&ran, 0, "FIXED", "fixed");
    assert_eq!(workshop.forge.branches("shop"), [format!("logcenter/fix-{id}-e1"), "main".into()]);
    assert!(workshop.forge.pulls().is_empty() && ran.attempt()["pull_request_url"] == Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_has_so_many_attempts_in_a_day() {
    let limits = "limits = { attempts_per_day = 1 }";
    let (workshop, _, ran) = once(&[limits], "", "").await;
    ended(&ran, 0, "FIXED", "fixed");
    workshop.report("shop", "ValueError", "shop.py", "another").await;
    let ran = workshop.run(&configured(&workshop, &[limits]), &["once"]).await;
    assert!(ran.code == Some(0) && ran.lines.is_empty(), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_attempt_hears_of_the_last_and_of_the_hint() {
    let (workshop, id, ran) = once(&[], "", "#!/bin/bash\necho '# a first idea' >>shop.py\n").await;
    ended(&ran, 1, "FIX_FAILED", "tests_failed");
    let hint = json!({"hint": "think of empty lists"});
    let path = format!("/api/v1/issues/{id}/repair");
    assert_eq!(workshop.admin.with_json("POST", &path, &hint).await.status, 204);
    workshop.program("fixer", super::shop::FIXER);
    let ran = workshop.run(&configured(&workshop, &[]), &["once"]).await;
    ended(&ran, 0, "FIXED", "fixed");
    let prompt = artifact(&workshop.attempt(&ran.attempt()["attempt"]).await, "prompt");
    assert!(prompt.contains("think of empty lists") && prompt.contains("a first idea"), "{prompt}");
    // The source around the line, found by the path of the report.
    assert!(prompt.contains("def average(prices)"), "{prompt}");
}
