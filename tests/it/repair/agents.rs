//! What agents and people do.

use super::{HOUR, MINUTE, Work, center, nothing_to_do, wanted};
use crate::harness::{Http, eventually, report, with};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[tokio::test]
async fn an_issue_is_repaired_from_new_to_fixed() {
    let (center, admin, agent) = center(None).await;
    center.report(&report(1)).await.ok();
    let work = Work::claimed(&agent).await;
    assert_eq!(work.claim["project"]["project_id"], "rtc_backend");
    assert_eq!(work.claim["issue"]["status"], "VERIFYING");
    assert!(work.claim["issue"]["error"]["stack_trace"].is_array());
    assert!(work.token.starts_with("lcl_") && work.token.len() == 44);
    let lease = json!({"worker": "repair-1", "epoch": 1,
        "expires_at": center.now().plus_millis(MINUTE).to_string()});
    assert_eq!(admin.issue(1).await["lease"], lease);
    assert_eq!(admin.issues("").await[0]["lease"], lease);
    assert_eq!(work.claim["lease"]["expires_at"], lease["expires_at"]);

    let id = work.attempt(json!({"stage": "verify", "base_commit": "aaa", "base_branch": "main"})).await.ok()
        ["id"]
        .clone();
    let artifacts = json!([{"kind": "reproduction", "text": "ValueError: no"}]);
    let reproduced = json!({"stage": "verify", "verdict": "reproduced", "artifacts": artifacts});
    assert_eq!(work.attempt(reproduced).await.ok()["id"], id);
    work.moves("PENDING_FIX").await;
    assert_eq!(work.moves("FIXING").await["lease"]["worker"], "repair-1");
    let intent = json!({"stage": "publish", "verdict": "fixed", "branch": "logcenter/fix-1-e1",
        "commit_hash": "c41d9ae", "cost": {"usd": 0.31, "tokens": 51_000, "seconds": 92.5}});
    work.attempt(intent).await.ok();
    let pull_request = "https://git.example/shop/pulls/88";
    work.attempt(json!({"stage": "publish", "pull_request_url": pull_request})).await.ok();
    let fixed = work.moves("FIXED").await;
    assert_eq!((&fixed["status"], &fixed["lease"]), (&json!("FIXED"), &Value::Null));

    let history = admin.get("/api/v1/issues/1/history").await.ok();
    let path: Vec<_> = history["history"].as_array().unwrap().iter().map(|one| &one["to"]).collect();
    assert_eq!(path, ["FIXED", "FIXING", "PENDING_FIX", "VERIFYING"]);
    let last = &history["history"][0];
    assert_eq!((&last["actor"], &last["commit_hash"]), (&json!("repair robot"), &json!("c41d9ae")));
    assert_eq!(last["pull_request_url"], pull_request);

    let attempts = admin.get("/api/v1/issues/1/attempts").await.ok();
    let attempt = admin.get(&format!("/api/v1/attempts/{id}")).await.ok();
    let now = center.now().to_string();
    let expected = json!({"id": id, "issue_id": 1, "epoch": 1, "worker": "repair-1", "stage": "publish",
        "verdict": "fixed", "reason": null, "base_commit": "aaa", "base_branch": "main", "commit_hash": "c41d9ae",
        "branch": "logcenter/fix-1-e1", "pull_request_url": pull_request, "started_at": now, "ended_at": now,
        "cost": {"usd": 0.31, "tokens": 51_000, "seconds": 92.5}});
    assert_eq!(attempts, json!({"attempts": [expected], "next_cursor": null}));
    let artifacts =
        json!([{"kind": "reproduction", "bytes": 14, "truncated": false, "text": "ValueError: no"}]);
    assert_eq!(attempt, with(expected, json!({"artifacts": artifacts})));
    assert!(nothing_to_do(&agent).await);
}

#[tokio::test]
async fn a_lost_lease_is_worth_nothing() {
    let (center, _, agent) = center(None).await;
    center.report(&report(1)).await.ok();
    let work = Work::claimed(&agent).await;
    center.pass_millis(59_000);
    let beat = work.asks("heartbeat").await.ok();
    let until = center.now().plus_millis(MINUTE).to_string();
    assert_eq!(beat, json!({"expires_at": until, "cancel": false}));
    work.attempt(json!({"stage": "verify"})).await.ok();
    center.pass_millis(MINUTE);
    eventually("the issue goes back", || async {
        (center.bearer("secret").issue(1).await["status"] == "NEW").then_some(())
    })
    .await;
    for answer in [
        work.asks("heartbeat").await,
        work.asks("release").await,
        work.attempt(json!({"stage": "fix"})).await,
        agent.patch(1, &work.under_lease(json!({"status": "PENDING_FIX"}))).await,
    ] {
        let problem = answer.problem(409);
        assert!(problem["detail"].as_str().unwrap().contains("lost"), "{problem}");
    }
    assert!(nothing_to_do(&agent).await, "it waits ten minutes");
    center.pass_millis(10 * MINUTE);
    assert_eq!(Work::claimed(&agent).await.claim["lease"]["epoch"], 2);
    let admin = center.bearer("secret");
    let attempts = admin.get("/api/v1/issues/1/attempts").await.ok();
    assert_eq!(attempts["attempts"][0]["verdict"], "abandoned");
}

#[tokio::test]
async fn it_is_given_up_after_three_failures_until_a_person_asks() {
    let (center, admin, agent) = center(None).await;
    center.report(&report(1)).await.ok();
    for wait in [HOUR, 6 * HOUR, 0] {
        let work = Work::claimed(&agent).await;
        if work.claim["issue"]["status"] == "VERIFYING" {
            work.moves("PENDING_FIX").await;
            work.moves("FIXING").await;
        }
        let failed = json!({"stage": "fix", "verdict": "tests_failed", "reason": "2 of 9 fail"});
        work.attempt(failed).await.ok();
        work.moves("FIX_FAILED").await;
        center.pass_millis((wait - 1).max(0));
        assert!(nothing_to_do(&agent).await, "{wait}");
        center.pass_millis(1);
    }
    center.pass_millis(90 * 24 * HOUR);
    assert!(nothing_to_do(&agent).await, "it was given up");
    let ask = json!({"hint": "look at the cache"});
    assert_eq!(admin.with_json("POST", "/api/v1/issues/1/repair", &ask).await.status, 204);
    let work = Work::claimed(&agent).await;
    assert_eq!((&work.claim["hint"], &work.claim["issue"]["status"]), (&ask["hint"], &json!("FIXING")));
}

#[tokio::test]
async fn a_person_stops_an_agent_and_takes_an_issue_back() {
    let (center, admin, agent) = center(None).await;
    center.report(&report(1)).await.ok();
    let post = async |path: &str| admin.send(admin.request("POST", path)).await;
    post("/api/v1/issues/1/repair/stop").await.problem(409);
    let work = Work::claimed(&agent).await;
    assert_eq!(post("/api/v1/issues/1/repair/stop").await.status, 204);
    assert_eq!(work.asks("heartbeat").await.ok()["cancel"], true);
    agent.patch(1, &work.under_lease(json!({"status": "PENDING_FIX"}))).await.problem(409);
    work.attempt(json!({"stage": "verify", "reason": "stopped"})).await.ok();
    let publish = json!({"stage": "publish", "branch": "b", "commit_hash": "c"});
    work.attempt(publish).await.problem(409);
    assert_eq!(work.asks("release").await.status, 204);
    let attempts = admin.get("/api/v1/issues/1/attempts").await.ok();
    assert_eq!(attempts["attempts"][0]["verdict"], "cancelled");

    assert_eq!(post("/api/v1/issues/1/repair").await.status, 204);
    let work = Work::claimed(&agent).await;
    assert_eq!(admin.patch(1, &json!({"status": "NEW"})).await.ok()["lease"], Value::Null);
    work.asks("heartbeat").await.problem(409);
    post("/api/v1/issues/9/repair").await.problem(404);
    admin.force(1, "FIXED").await;
    let refused = post("/api/v1/issues/1/repair").await.problem(409);
    assert!(refused["detail"].as_str().unwrap().contains("FIXED"), "{refused}");
}

#[tokio::test]
async fn a_patch_is_published_as_a_person_read_it() {
    let (center, admin, agent) = center(None).await;
    center.report(&report(1)).await.ok();
    let work = Work::claimed(&agent).await;
    work.moves("PENDING_FIX").await;
    work.moves("FIXING").await;
    let diff = "--- a/orders.py\n+++ b/orders.py\n";
    let artifacts = json!([{"kind": "diff", "text": diff}]);
    let fixed = json!({"stage": "fix", "verdict": "fixed", "artifacts": artifacts});
    let attempt = work.attempt(fixed).await.ok()["id"].as_i64().unwrap();
    assert_eq!(work.asks("release").await.status, 204);
    assert_eq!(admin.issue(1).await["status"], "PENDING_FIX");
    center.pass_millis(HOUR);
    assert!(nothing_to_do(&agent).await, "it waits for a person");

    let read = admin.get(&format!("/api/v1/attempts/{attempt}")).await.ok();
    let digest = Sha256::digest(read["artifacts"][0]["text"].as_str().unwrap());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let approve = async |who: &Http, attempt: i64, digest: &str| {
        let approval = json!({"attempt_id": attempt, "diff_sha256": digest});
        who.with_json("POST", "/api/v1/issues/1/repair/approve", &approval).await
    };
    approve(&agent, attempt, &digest).await.problem(403);
    approve(&admin, attempt, &"0".repeat(64)).await.problem(409);
    approve(&admin, attempt, "no digest").await.problem(422);
    approve(&admin, 99, &digest).await.problem(409);
    assert_eq!(approve(&admin, attempt, &digest).await.status, 204);
    let work = Work::claimed(&agent).await;
    assert_eq!(work.claim["approved_attempt"]["id"], attempt);
}

#[tokio::test]
async fn an_agent_does_nothing_without_its_lease() {
    let (center, admin, agent) = center(None).await;
    center.report(&report(1)).await.ok();
    agent.patch(1, &json!({"status": "VERIFYING"})).await.problem(403);
    agent.patch(1, &json!({"status": "FIXED", "force": true, "note": "n"})).await.problem(403);
    let work = Work::claimed(&agent).await;
    let forced = json!({"status": "DEPLOYED", "force": true, "note": "n"});
    agent.patch(1, &work.under_lease(forced)).await.problem(409);
    // Whoever proves the lease is its agent, whatever else they prove.
    let made = admin.patch(1, &work.under_lease(json!({"status": "PENDING_FIX"}))).await.ok();
    assert_eq!(made["lease"]["worker"], "repair-1");
    let history = admin.get("/api/v1/issues/1/history").await.ok();
    assert_eq!(history["history"][0]["actor"], "repair-1");
    let edit = json!({"repo_url": "https://evil"});
    agent.with_json("PUT", "/api/v1/projects/rtc_backend", &edit).await.problem(403);
    let token = admin.get("/api/v1/tokens").await.ok()["tokens"][0]["id"].clone();
    assert_eq!(admin.delete(&format!("/api/v1/tokens/{token}")).await.status, 204);
    let issue = admin.issue(1).await;
    assert_eq!((&issue["lease"], &issue["status"]), (&Value::Null, &json!("PENDING_FIX")));
}

#[tokio::test]
async fn agents_are_told_what_is_wrong_with_what_they_send() {
    let (center, _, agent) = center(None).await;
    center.report(&report(1)).await.ok();
    let claim = |fields: Value| with(wanted(), fields);
    for (wrong, pointer) in [
        (claim(json!({"worker": null})), "/worker"),
        (claim(json!({"statuses": null})), "/statuses"),
        (claim(json!({"statuses": ["NEW", "OLD"]})), "/statuses/1"),
        (claim(json!({"sources": "runtime"})), "/sources"),
        (claim(json!({"min_level": "INFO"})), "/min_level"),
        (claim(json!({"lease_seconds": null})), "/lease_seconds"),
        (claim(json!({"lease_seconds": 3601})), "/lease_seconds"),
        (claim(json!({"project_ids": ["no such"]})), "/project_ids/0"),
    ] {
        let problem = agent.with_json("POST", "/api/v1/issues/claim", &wrong).await.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let work = Work::claimed(&agent).await;
    for (wrong, pointers) in [
        (json!({}), vec!["/stage"]),
        (json!({"stage": "verify", "verdict": "good"}), vec!["/verdict"]),
        (json!({"stage": "publish"}), vec!["/branch", "/commit_hash"]),
        (json!({"stage": "fix", "cost": {"usd": -1, "tokens": "x"}}), vec!["/cost/usd", "/cost/tokens"]),
        (json!({"stage": "fix", "cost": 3}), vec!["/cost"]),
        (json!({"stage": "fix", "artifacts": {}}), vec!["/artifacts"]),
        (
            json!({"stage": "fix", "artifacts": [{"kind": "diff"}, {"text": "x", "kind": "poem"}, 7]}),
            vec!["/artifacts/0/text", "/artifacts/1/kind", "/artifacts/2"],
        ),
    ] {
        let problem = work.attempt(wrong).await;
        problem.problem(422);
        assert_eq!(problem.pointers(), pointers);
    }
    let secret = "password=hunter22";
    let artifacts = json!([{"kind": "test_before", "text": secret}, {"kind": "diff", "text": secret}]);
    let id = work.attempt(json!({"stage": "fix", "artifacts": artifacts})).await.ok()["id"].clone();
    let kept = agent.get(&format!("/api/v1/attempts/{id}")).await.ok()["artifacts"].clone();
    let text = |kind: &str| {
        kept.as_array().unwrap().iter().find(|kept| kept["kind"] == kind).unwrap()["text"].clone()
    };
    assert_eq!((text("test_before"), text("diff")), (json!("password=***"), json!(secret)));
    let long = "x".repeat(600 * 1024);
    let artifacts = json!([{"kind": "transcript", "text": long}]);
    let id = work.attempt(json!({"stage": "fix", "artifacts": artifacts})).await.ok()["id"].clone();
    let kept = agent.get(&format!("/api/v1/attempts/{id}")).await.ok()["artifacts"].clone();
    let kept = kept.as_array().unwrap().iter().find(|kept| kept["kind"] == "transcript").unwrap().clone();
    assert_eq!((&kept["bytes"], &kept["truncated"]), (&json!(600 * 1024), &json!(true)));
    assert!(kept["text"].as_str().unwrap().len() <= 512 * 1024);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_never_get_the_same_issue() {
    let (center, admin, agent) = center(None).await;
    let reports: Vec<Value> = (1..=50).map(report).collect();
    center.batch(&reports).await.ok();
    let work = async || {
        let mut ids = Vec::new();
        loop {
            let claim = agent.with_json("POST", "/api/v1/issues/claim", &wanted()).await;
            if claim.status == 204 {
                return ids;
            }
            ids.push(claim.ok()["issue"]["id"].as_i64().unwrap());
        }
    };
    let (one, two, three) = tokio::join!(work(), work(), work());
    assert!(!one.is_empty() && !two.is_empty() && !three.is_empty());
    let mut all: Vec<i64> = [one, two, three].concat();
    all.sort_unstable();
    assert_eq!(all, (1..=50).collect::<Vec<i64>>());
    for issue in admin.issues("limit=200").await {
        assert_eq!((&issue["lease"]["epoch"], &issue["revision"]), (&json!(1), &json!(2)), "{issue}");
    }
}

#[tokio::test]
async fn a_fix_on_its_way_is_not_reopened_by_the_old_build() {
    let (center, admin, agent) = center(None).await;
    let old = with(report(1), json!({"version": "1.0"}));
    center.report(&old).await.ok();
    center.pass_millis(MINUTE);
    let work = Work::claimed(&agent).await;
    work.moves("PENDING_FIX").await;
    work.moves("FIXING").await;
    work.attempt(json!({"stage": "publish", "branch": "logcenter/fix-1-e1", "commit_hash": "c"})).await.ok();
    work.moves("FIXED").await;
    let message = async |report: &Value| center.report(report).await.ok()["message"].clone();
    center.pass_millis(14 * 24 * HOUR - 1);
    assert_eq!(message(&old).await, "Log deduplicated", "the branch is not merged");
    admin.patch(1, &json!({"status": "VERIFIED"})).await.ok();
    center.pass_millis(HOUR);
    assert_eq!(message(&old).await, "Log deduplicated", "the old build still runs");
    assert_eq!(message(&report(1)).await, "Log deduplicated", "it names no release");
    center.pass_millis(72 * HOUR);
    assert_eq!(message(&old).await, "Regression detected, reopened");
    admin.force(1, "VERIFIED").await;
    let new = with(report(1), json!({"version": "1.1"}));
    assert_eq!(message(&new).await, "Regression detected, reopened");
}
