//! Status changes: transition rules, staleness, regressions, deployments.

use crate::harness::{Center, report, with};
use logcenter_core::Status;
use logcenter_core::status::{Role, TRANSITIONS};
use serde_json::{Value, json};

#[tokio::test]
async fn exactly_the_table_s_moves_are_made() {
    let center = Center::start().await;
    let mut line = 0;
    for &from in Status::ALL {
        for &to in Status::ALL {
            line += 1;
            let id = center.report(&report(line)).await.ok()["id"].as_i64().unwrap();
            if from != Status::New {
                center.force(id, from.as_str()).await;
            }
            let before = center.issue(id).await;
            let answer = center.patch(id, &json!({"status": to, "note": "because"})).await;
            let allowed: Vec<Status> = TRANSITIONS
                .iter()
                .filter(|one| one.from == from && one.by.contains(&Role::Person))
                .map(|one| one.to)
                .collect();
            if allowed.contains(&to) {
                let after = answer.ok();
                assert_eq!(after["status"], to.as_str());
                assert_eq!(after["revision"], before["revision"].as_i64().unwrap() + 1);
            } else {
                let problem = answer.problem(409);
                assert_eq!(problem["allowed"], json!(allowed), "{from} → {to}");
                assert_eq!(problem["issue"], before);
                assert_eq!(center.issue(id).await, before);
            }
        }
    }
}

#[tokio::test]
async fn who_read_something_else_changes_nothing() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    let wrong = [json!({"expected_status": "FIXED"}), json!({"expected_revision": 2})];
    for expected in wrong {
        let problem = center.patch(1, &with(json!({"status": "VERIFYING"}), expected)).await.problem(409);
        assert_eq!(problem["issue"]["status"], "NEW");
    }
    let right = json!({"status": "VERIFYING", "expected_status": "NEW", "expected_revision": 1});
    assert_eq!(center.patch(1, &right).await.ok()["revision"], 2);
    center.patch(1, &right).await.problem(409);
    // Counting is not a change.
    center.report(&report(1)).await.ok();
    assert_eq!(center.issue(1).await["revision"], 2);
}

#[tokio::test]
async fn every_change_is_kept() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    center.patch(1, &json!({"status": "VERIFYING", "actor": "ann"})).await.ok();
    let forced = json!({"status": "FIXED", "force": true, "note": "fixed by hand", "commit_hash": "abc",
                        "pull_request_url": "https://git.example.com/pr/1"});
    center.patch(1, &forced).await.ok();
    center.patch(1, &json!({"status": "VERIFIED"})).await.ok();
    let history = center.get("/api/v1/issues/1/history").await.ok();
    let at = "2026-01-02T03:04:05.000Z";
    let entry = |from: &str, to: &str, more: Value| {
        let base = json!({"from": from, "to": to, "actor": "administrator", "note": null, "at": at, "forced": false,
                          "commit_hash": null, "pull_request_url": null});
        with(base, more)
    };
    let fixed = json!({"forced": true, "note": "fixed by hand", "commit_hash": "abc",
                       "pull_request_url": "https://git.example.com/pr/1"});
    let expected = json!([
        entry("FIXED", "VERIFIED", json!({})),
        entry("VERIFYING", "FIXED", fixed),
        entry("NEW", "VERIFYING", json!({"actor": "ann"})),
    ]);
    assert_eq!(history, json!({"history": expected, "next_cursor": null}));
    let page = center.get("/api/v1/issues/1/history?limit=2").await.ok();
    let next = format!("/api/v1/issues/1/history?cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(center.get(&next).await.ok()["history"], json!([expected[2]]));
    let answer = center.patch(1, &json!({"status": "NEW", "force": true})).await;
    answer.problem(422);
    assert_eq!(answer.pointers(), ["/note"]);
}

/// The response to a report of issue 1.
async fn said(center: &Center, more: Value) -> String {
    let answer = center.report(&with(report(1), more)).await.ok();
    answer["message"].as_str().unwrap().split([' ', ',']).nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn an_open_pull_request_holds_regressions_back_until_it_is_deployed() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    let fixed = json!({"status": "FIXED", "force": true, "note": "n", "pull_request_url": "https://git.example.com/1"});
    center.patch(1, &fixed).await.ok();
    assert_eq!(said(&center, json!({})).await, "deduplicated");
    center.patch(1, &json!({"status": "VERIFIED"})).await.ok();
    assert_eq!(said(&center, json!({})).await, "deduplicated");
    center.patch(1, &json!({"status": "DEPLOYED"})).await.ok();
    assert_eq!(said(&center, json!({})).await, "detected");
    let history = center.get("/api/v1/issues/1/history").await.ok();
    assert_eq!(history["history"][0]["actor"], "server");
    assert_eq!(history["history"][0]["to"], "NEW");
    // The next fix has no pull request.
    center.force(1, "FIXED").await;
    assert_eq!(said(&center, json!({})).await, "detected");
    assert_eq!(center.issue(1).await["regressions"], 2);
}

#[tokio::test]
async fn a_replayed_report_from_before_the_fix_only_counts() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    center.pass_millis(60_000);
    center.force(1, "FIXED").await;
    let early = "2026-01-02T03:04:30Z";
    assert_eq!(said(&center, json!({"timestamp": early, "event_id": "a"})).await, "deduplicated");
    center.pass_millis(60_000);
    let late = "2026-01-02T03:05:30Z";
    assert_eq!(said(&center, json!({"timestamp": late, "event_id": "b"})).await, "detected");
    center.force(1, "FIXED").await;
    assert_eq!(said(&center, json!({"timestamp": early})).await, "detected");
}

#[tokio::test]
async fn under_new_release_a_known_release_only_counts() {
    let center = Center::start().await;
    center
        .with_json("PUT", "/api/v1/projects/rtc_backend", &json!({"regression_rule": "new_release"}))
        .await
        .ok();
    center.report(&with(report(1), json!({"version": "1.0", "commit_hash": "aaa"}))).await.ok();
    center.report(&with(report(1), json!({"version": "1.1"}))).await.ok();
    center.pass_millis(1000);
    center.force(1, "FIXED").await;
    assert_eq!(said(&center, json!({"version": "1.0"})).await, "deduplicated");
    assert_eq!(said(&center, json!({"commit_hash": "aaa", "version": "9"})).await, "deduplicated");
    assert_eq!(said(&center, json!({"version": "1.1"})).await, "deduplicated");
    assert_eq!(said(&center, json!({"version": "1.2"})).await, "detected");
    center.pass_millis(1000);
    center.force(1, "FIXED").await;
    assert_eq!(said(&center, json!({"version": "1.2"})).await, "deduplicated");
    assert_eq!(said(&center, json!({})).await, "detected");
    // As soon as the project's rule changes, every event counts again.
    center.with_json("PUT", "/api/v1/projects/rtc_backend", &json!({"regression_rule": "any"})).await.ok();
    center.force(1, "FIXED").await;
    assert_eq!(said(&center, json!({"version": "1.2"})).await, "detected");
}

#[tokio::test]
async fn a_deployment_moves_on_what_it_brought() {
    let center = Center::start().await;
    let long = "0123456789abcdef0123456789abcdef01234567";
    for line in 1..=5 {
        center.report(&report(line)).await.ok();
    }
    center.report(&with(report(6), json!({"environment": "staging"}))).await.ok();
    let verified =
        |commit: Value| json!({"status": "VERIFIED", "force": true, "note": "n", "commit_hash": commit});
    center.patch(1, &verified(json!(long))).await.ok();
    center.patch(2, &verified(json!("fedcba9"))).await.ok();
    center.patch(3, &verified(Value::Null)).await.ok();
    center.force(4, "FIXED").await;
    center.patch(6, &verified(json!(long))).await.ok();

    let deploy = |more: Value| {
        let body = with(json!({"project_id": "rtc_backend", "environment": "production"}), more);
        let center = &center;
        async move { center.with_json("POST", "/api/v1/deployments", &body).await.ok()["deployed"].clone() }
    };
    assert_eq!(deploy(json!({"commit_hash": &long[..7], "version": "2.0"})).await, json!([1, 3]));
    assert_eq!(center.issue(1).await["status"], "DEPLOYED");
    assert_eq!(center.issue(2).await["status"], "VERIFIED");
    assert_eq!(center.issue(6).await["status"], "VERIFIED");
    assert_eq!(deploy(json!({"commit_hash": "1111111", "commits": ["fedcba987"]})).await, json!([2]));
    assert_eq!(deploy(json!({"environment": "staging"})).await, json!([6]));
    assert_eq!(deploy(json!({})).await, json!([]));
    let listed =
        center.get("/api/v1/deployments?project_id=rtc_backend&environment=production&limit=2").await.ok();
    let deployments = listed["deployments"].as_array().unwrap();
    assert_eq!((deployments.len(), &deployments[0]["commit_hash"]), (2, &Value::Null));
    assert_eq!(deployments[1]["commits"], json!(["1111111", "fedcba987"]));
    assert_eq!(
        (&deployments[1]["commit_hash"], &deployments[1]["deployed"]),
        (&json!("1111111"), &json!([2]))
    );
    let cursor = listed["next_cursor"].as_str().unwrap();
    let rest = format!("/api/v1/deployments?environment=production&limit=2&cursor={cursor}");
    let rest = center.get(&rest).await.ok();
    let at = rest["deployments"][0]["at"].clone();
    let expected = json!({"id": 1, "project_id": "rtc_backend", "environment": "production", "version": "2.0",
        "commit_hash": &long[..7], "commits": [&long[..7]], "at": at, "deployed": [1, 3]});
    assert_eq!(rest, json!({"deployments": [expected], "next_cursor": null}));
    assert_eq!(at, center.get("/api/v1/issues/1/history").await.ok()["history"][0]["at"]);
    center.get("/api/v1/deployments?project_id=a/b").await.problem(422);
    let answer = center.with_json("POST", "/api/v1/deployments", &json!({"commits": "x"})).await;
    answer.problem(422);
    assert_eq!(answer.pointers(), ["/project_id", "/environment", "/commits"]);
}
