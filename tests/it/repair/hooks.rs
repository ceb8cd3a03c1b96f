//! What forges tell.

use super::{HOUR, Work, center, nothing_to_do};
use crate::harness::forge::signature;
use crate::harness::{Answer, Center, Http, report};
use serde_json::{Value, json};

/// An issue that is FIXED by a pull request.
async fn published(center: &Center, agent: &Http) {
    center.report(&report(1)).await.ok();
    let work = Work::claimed(agent).await;
    work.moves("PENDING_FIX").await;
    work.moves("FIXING").await;
    let intent = json!({"stage": "publish", "verdict": "fixed", "branch": "logcenter/fix-1-e1", "base_branch": "main",
        "commit_hash": "c41d9ae", "pull_request_url": "https://git.example/team/shop/pulls/88"});
    work.attempt(intent).await.ok();
    work.moves("FIXED").await;
}

fn closed(merged: bool) -> Value {
    json!({
        "action": "closed", "number": 88,
        "pull_request": {
            "html_url": "https://git.example/team/shop/pulls/88", "merged": merged,
            "merge_commit_sha": if merged { json!("fff0000") } else { Value::Null },
            "head": {"ref": "logcenter/fix-1-e1", "sha": "c41d9ae"}, "base": {"ref": "main", "sha": "aaa"},
        },
        "repository": {"full_name": "team/shop", "html_url": "https://git.example/team/shop"},
    })
}

async fn hook(center: &Center, forge: &str, event: &str, body: &Value, secret: &str) -> Answer {
    let body = body.to_string();
    let signature = signature(secret, &body);
    let request = center.request("POST", &format!("/api/v1/hooks/{forge}"));
    let request = match forge {
        // Gitea sends GitHub's headers too.
        "gitea" => request
            .header("x-gitea-event", event)
            .header("x-gitea-signature", signature)
            .header("x-github-event", event),
        _ => request
            .header("x-github-event", event)
            .header("x-hub-signature-256", format!("sha256={signature}")),
    };
    center.send(request.header("content-type", "application/json").body(body)).await
}

#[tokio::test]
async fn a_merge_verifies_a_fix_and_a_deployment_ends_it() {
    for forge in ["gitea", "github"] {
        let (center, admin, agent) = center(Some("between us")).await;
        published(&center, &agent).await;
        let taken = hook(&center, forge, "pull_request", &closed(true), "between us").await.ok();
        assert_eq!(taken, json!({"changed": [1]}));
        let history = admin.get("/api/v1/issues/1/history").await.ok();
        let entry = &history["history"][0];
        assert_eq!((&entry["to"], &entry["commit_hash"]), (&json!("VERIFIED"), &json!("fff0000")));
        let deployment =
            json!({"project_id": "rtc_backend", "environment": "production", "commits": ["fff0000"]});
        let deployed = agent.with_json("POST", "/api/v1/deployments", &deployment).await.ok();
        assert_eq!(deployed["deployed"], json!([1]));
    }
}

#[tokio::test]
async fn a_pull_request_that_a_person_closed_is_not_tried_again() {
    let (center, admin, agent) = center(Some("between us")).await;
    published(&center, &agent).await;
    hook(&center, "gitea", "pull_request", &closed(false), "between us").await.ok();
    let entry = admin.get("/api/v1/issues/1/history").await.ok()["history"][0].clone();
    assert_eq!(entry["to"], "FIX_FAILED");
    assert!(entry["note"].as_str().unwrap().contains("refused by a person"), "{entry}");
    center.pass_millis(90 * 24 * HOUR);
    assert!(nothing_to_do(&agent).await);
}

#[tokio::test]
async fn a_failed_check_holds_a_merged_fix_back() {
    let status = |state: &str| {
        json!({"sha": "c41d9ae", "state": state, "context": "ci/tests",
            "repository": {"html_url": "https://git.example/team/shop"}})
    };
    let run = |conclusion: Value| {
        json!({"action": "completed", "check_run": {"name": "tests", "head_sha": "c41d9ae", "conclusion": conclusion},
            "repository": {"html_url": "https://git.example/team/shop"}})
    };
    for (forge, event, failed, pending, passed) in [
        ("gitea", "status", status("failure"), status("pending"), status("success")),
        ("github", "status", status("error"), status("pending"), status("success")),
        ("github", "check_run", run(json!("timed_out")), run(Value::Null), run(json!("success"))),
    ] {
        let (center, admin, agent) = center(Some("between us")).await;
        published(&center, &agent).await;
        let status = async || admin.issue(1).await["status"].clone();
        hook(&center, forge, event, &failed, "between us").await.ok();
        hook(&center, forge, event, &pending, "between us").await.ok();
        hook(&center, forge, "pull_request", &closed(true), "between us").await.ok();
        assert_eq!(status().await, "FIXED");
        hook(&center, forge, event, &passed, "between us").await.ok();
        assert_eq!(status().await, "VERIFIED");
    }
}

#[tokio::test]
async fn forged_replayed_and_foreign_webhooks_change_nothing() {
    let (center, admin, agent) = center(Some("between us")).await;
    published(&center, &agent).await;
    let merged = closed(true);
    for forge in ["gitea", "github"] {
        hook(&center, forge, "pull_request", &merged, "guessed").await.problem(401);
        let unsigned = center.request("POST", &format!("/api/v1/hooks/{forge}")).body(merged.to_string());
        center.send(unsigned).await.problem(401);
    }
    let elsewhere = |change: &dyn Fn(&mut Value)| {
        let mut body = closed(true);
        change(&mut body);
        body
    };
    for body in [
        elsewhere(&|body| {
            body["pull_request"]["html_url"] = json!("https://evil.example/team/shop/pulls/88")
        }),
        elsewhere(&|body| body["pull_request"]["head"]["ref"] = json!("main")),
        elsewhere(&|body| body["pull_request"]["head"]["sha"] = json!("bbb")),
        elsewhere(&|body| body["pull_request"]["base"]["ref"] = json!("release")),
        elsewhere(&|body| body["action"] = json!("opened")),
        json!({}),
        json!([1, 2]),
    ] {
        let taken = hook(&center, "gitea", "pull_request", &body, "between us").await.ok();
        assert_eq!(taken, json!({"changed": []}), "{body}");
    }
    let taken = hook(&center, "gitea", "star", &merged, "between us").await.ok();
    assert_eq!(taken, json!({"changed": []}));
    assert_eq!(admin.issue(1).await["status"], "FIXED");
    hook(&center, "gitea", "pull_request", &merged, "between us").await.ok();
    assert_eq!(admin.issue(1).await["status"], "VERIFIED");

    // Back at the same fix, the same body is an old story.
    admin.force(1, "FIXED").await;
    let again = hook(&center, "gitea", "pull_request", &merged, "between us").await.ok();
    assert_eq!((again, &admin.issue(1).await["status"]), (json!({"changed": []}), &json!("FIXED")));

    let text = center
        .request("POST", "/api/v1/hooks/gitea")
        .header("x-gitea-signature", signature("between us", "a=b"));
    let problem = center.send(text.body("a=b")).await.problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("application/json"), "{problem}");
    let (closed_center, _, _) = super::center(None).await;
    hook(&closed_center, "gitea", "pull_request", &merged, "").await.problem(401);
}
