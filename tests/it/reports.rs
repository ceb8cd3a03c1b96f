//! Reporting: what is read, how it is answered, what is stored.

use crate::harness::{Center, report, with};
use serde_json::{Value, json};

#[tokio::test]
async fn the_three_answers_to_the_letter() {
    let center = Center::start().await;
    let first = center.report(&report(1)).await;
    assert_eq!((first.status, first.text.as_str()), (200, r#"{"message":"Log reported","id":1}"#));
    let second = center.report(&report(1)).await;
    assert_eq!(second.text, r#"{"message":"Log deduplicated","id":1,"status":"NEW"}"#);
    center.force(1, "DEPLOYED").await;
    let third = center.report(&report(1)).await;
    assert_eq!(third.text, r#"{"message":"Regression detected, reopened","id":1}"#);
    let fourth = center.report(&report(1)).await;
    assert_eq!(fourth.text, r#"{"message":"Log deduplicated","id":1,"status":"NEW"}"#);
    let issue = center.issue(1).await;
    assert_eq!((&issue["count"], &issue["regressions"]), (&json!(4), &json!(1)));
}

#[tokio::test]
async fn an_issue_shows_its_latest_event() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    let more = json!({"environment": "staging", "level": "fatal", "version": "2", "commit_hash": "abc",
                      "timestamp": "2026-01-01T00:00:00+08:00", "context": {"a": [1, {"b": null}]}});
    let mut newer = with(report(1), more);
    newer["error"]["message"] = "another message".into();
    center.report(&newer).await.ok();
    let issue = center.issue(1).await;
    let expected = json!({
        "id": 1, "project_id": "rtc_backend", "source": "runtime",
        "status": "NEW", "revision": 1, "environment": "staging", "level": "CRITICAL", "version": "2",
        "commit_hash": "abc",
        "error": {"type": "ValueError", "message": "another message", "file_path": "apps/users/views.py",
                  "line_number": 1, "stack_trace": ["Traceback", "  line 1"]},
        "context": {"a": [1, {"b": null}]}, "count": 2, "regressions": 0, "trusted": false,
        "first_seen": "2025-12-31T16:00:00.000Z", "last_seen": "2026-01-02T03:04:05.000Z", "lease": null,
    });
    assert_eq!(issue, with(expected, json!({"fingerprint": issue["fingerprint"]})));
    let listed = &center.issues("").await[0];
    assert_eq!(listed["error"].get("stack_trace"), None);
    assert_eq!(listed.get("context"), None);
}

#[tokio::test]
async fn any_content_type_is_read_as_json() {
    let center = Center::start().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "nonsense", ""] {
        let request = center.request("POST", "/api/v1/logs/report").body(report(1).to_string());
        let request =
            if content_type.is_empty() { request } else { request.header("content-type", content_type) };
        center.send(request).await.ok();
    }
    assert_eq!(center.issue(1).await["count"], 4);
}

#[tokio::test]
async fn levels_and_sources_are_read_as_the_contract_says() {
    let center = Center::start().await;
    for (sent, read) in [("error", "ERROR"), ("Err", "ERROR"), ("warn", "WARNING"), ("FATAL", "CRITICAL")] {
        center.report(&with(report(1), json!({"level": sent}))).await.ok();
        assert_eq!(center.issue(1).await["level"], read);
    }
    for refused in ["INFO", "", "debug"] {
        let answer = center.report(&with(report(1), json!({"level": refused}))).await;
        answer.problem(422);
        assert_eq!(answer.pointers(), ["/level"]);
    }
    let answer = center.report(&with(report(1), json!({"source": "Runtime"}))).await;
    assert_eq!(answer.pointers(), ["/source"]);
}

#[tokio::test]
async fn null_means_absent_and_unknown_fields_are_ignored() {
    let center = Center::start().await;
    let sparse = json!({
        "project_id": "p", "environment": "e", "level": "ERROR", "source": null, "timestamp": null, "version": null,
        "commit_hash": null, "repo_url": null, "context": null, "event_id": null, "count": null, "surprise": [1],
        "error": {"type": "E", "message": "", "file_path": null, "line_number": null, "stack_trace": null, "more": {}},
    });
    center.report(&sparse).await.ok();
    let issue = center.issue(1).await;
    assert_eq!(issue["error"]["stack_trace"], Value::Null);
    assert_eq!(issue["error"]["line_number"], Value::Null);
    assert_eq!(issue["context"], Value::Null);
}

#[tokio::test]
async fn timestamps_of_all_kinds() {
    let center = Center::start().await;
    let server = "2026-01-02T03:04:05.000Z";
    let rows = [
        ("2026-01-01T12:00:00Z", "2026-01-01T12:00:00.000Z", false),
        ("2026-01-01 12:00:00.5", "2026-01-01T12:00:00.500Z", false),
        ("2026-01-01T12:00:00+08:00", "2026-01-01T04:00:00.000Z", false),
        ("tomorrow", server, true),
        ("1767225600", "2026-01-01T00:00:00.000Z", true),
        ("1970-01-01T00:00:00Z", server, true),
        // A time later than its receipt must not stay at the top of every list for ever.
        ("2099-01-01T00:00:00Z", server, false),
    ];
    for (at, (sent, kept, repaired)) in rows.into_iter().enumerate() {
        let id = at as i64 + 1;
        center.report(&with(report(id as u64), json!({"timestamp": sent}))).await.ok();
        let event = &center.get(&format!("/api/v1/issues/{id}/events")).await.ok()["events"][0];
        assert_eq!((event["at"].as_str().unwrap(), &event["repaired"]), (kept, &json!(repaired)), "{sent}");
        assert_eq!(event["received_at"], server);
    }
}

#[tokio::test]
async fn a_report_stands_for_many() {
    let center = Center::start().await;
    center.report(&with(report(1), json!({"count": 1_000_000}))).await.ok();
    center.report(&report(1)).await.ok();
    assert_eq!(center.issue(1).await["count"], 1_000_001);
    let stats = center.get("/api/v1/issues/1/stats").await.ok();
    assert_eq!(stats["hours"], json!([{"at": "2026-01-02T03:00:00.000Z", "count": 1_000_001}]));
    center.report(&with(report(1), json!({"count": "2"}))).await.ok();
    assert_eq!(center.issue(1).await["count"], 1_000_003);
    for (more, left_out) in
        [json!(0), json!(1_000_001), json!(-1), json!("two"), json!(1.5)].into_iter().enumerate()
    {
        center.report(&with(report(1), json!({"count": left_out}))).await.ok();
        assert_eq!(center.issue(1).await["count"], 1_000_004 + more);
    }
}

#[tokio::test]
async fn an_event_id_makes_a_retry_harmless() {
    let center = Center::start().await;
    let identified = with(report(1), json!({"event_id": "e-1"}));
    center.report(&identified).await.ok();
    center.force(1, "FIXED").await;
    for _ in 0..3 {
        center.pass_millis(23 * 3600 * 1000);
        let answer = center.report(&identified).await;
        assert_eq!(answer.text, r#"{"message":"Log deduplicated","id":1,"status":"FIXED"}"#);
    }
    assert_eq!(center.issue(1).await["count"], 1);
    // The same id means the same event, even if the report has changed, but not in another project.
    let other = center.report(&with(report(2), json!({"event_id": "e-1"}))).await.ok();
    assert_eq!((&other["id"], &other["message"]), (&json!(1), &json!("Log deduplicated")));
    let elsewhere = center.report(&with(identified.clone(), json!({"project_id": "q"}))).await.ok();
    assert_eq!(elsewhere["message"], "Log reported");
}

#[tokio::test]
async fn a_batch_answers_each_report_as_if_it_came_alone() {
    let center = Center::start().await;
    let reports = [
        report(1),
        with(report(1), json!({"level": "LOUD"})),
        json!("no object"),
        report(1),
        with(report(2), json!({"event_id": "twice"})),
        with(report(2), json!({"event_id": "twice"})),
        report(3),
    ];
    let answer = center.batch(&reports).await.ok();
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), 7);
    assert_eq!(results[0]["message"], "Log reported");
    assert_eq!(results[1]["problem"]["status"], 422);
    assert_eq!(results[1]["problem"]["errors"][0]["pointer"], "/level");
    assert_eq!(results[2]["problem"]["status"], 422);
    assert_eq!(results[3], json!({"message": "Log deduplicated", "id": results[0]["id"], "status": "NEW"}));
    assert_eq!(results[4]["message"], "Log reported");
    assert_eq!(results[5], json!({"message": "Log deduplicated", "id": results[4]["id"], "status": "NEW"}));
    assert_eq!(results[6]["message"], "Log reported");
    assert_eq!(center.issue(results[4]["id"].as_i64().unwrap()).await["count"], 1);

    assert_eq!(center.batch(&[]).await.ok(), json!({"results": []}));
    let many: Vec<Value> = (0..201).map(report).collect();
    let answer = center.batch(&many).await;
    answer.problem(422);
    assert_eq!(answer.pointers(), ["/reports"]);
    center.with_json("POST", "/api/v1/logs/batch", &json!({"reports": {}})).await.problem(422);
    center.with_json("POST", "/api/v1/logs/batch", &json!([])).await.problem(422);
}

#[tokio::test]
async fn browsers_hear_what_they_need() {
    let center = Center::start().await;
    for path in ["/api/v1/logs/report", "/api/v1/logs/batch"] {
        let preflight = center.request("OPTIONS", path).header("origin", "http://a.example");
        let preflight = preflight.header("access-control-request-headers", "content-type");
        let answer = center.send(preflight.header("access-control-request-method", "POST")).await;
        assert!((200..300).contains(&answer.status));
        assert_eq!(answer.header("access-control-allow-origin"), "http://a.example");
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert_eq!(answer.header("access-control-allow-methods"), "POST");
        assert!(answer.header("access-control-allow-headers").split(", ").any(|name| name == "content-type"));
        assert!(answer.header("vary").to_lowercase().contains("origin"));
        // Error responses too: otherwise the page cannot read what was wrong.
        let refused = center.request("POST", path).header("origin", "http://a.example").body("{");
        let refused = center.send(refused).await;
        refused.problem(400);
        assert_eq!(refused.header("access-control-allow-origin"), "http://a.example");
        assert_eq!(refused.header("access-control-allow-credentials"), "true");
    }
    let project = "/api/v1/projects/p";
    let answer = center.send(center.request("OPTIONS", project).header("origin", "http://a.example")).await;
    assert_eq!(answer.header("access-control-allow-methods"), "PUT");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let elsewhere =
        center.send(center.request("GET", "/api/v1/projects").header("origin", "http://a.example")).await;
    assert_eq!(elsewhere.header("access-control-allow-origin"), "");
}
