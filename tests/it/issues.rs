//! Lists of issues, statistics, deletion.

use crate::harness::{Center, report, with};
use serde_json::{Value, json};

async fn ids(center: &Center, query: &str) -> Vec<i64> {
    center.issues(query).await.iter().map(|issue| issue["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn filters_and_orders() {
    let center = Center::start().await;
    let rows = [
        json!({}),
        json!({"project_id": "web", "level": "CRITICAL"}),
        json!({"source": "cicd", "environment": "main", "context": {"job_name": "j", "step_name": "s"}}),
        json!({"environment": "staging"}),
    ];
    for (line, row) in rows.into_iter().enumerate() {
        center.report(&with(report(line as u64 + 1), row)).await.ok();
        center.pass_millis(1000);
    }
    center.report(&report(1)).await.ok();
    center.patch(4, &json!({"status": "VERIFYING"})).await.ok();

    assert_eq!(ids(&center, "").await, [1, 4, 3, 2]);
    assert_eq!(ids(&center, "sort=first_seen").await, [4, 3, 2, 1]);
    assert_eq!(ids(&center, "sort=count").await, [1, 4, 3, 2]);
    assert_eq!(ids(&center, "project_id=web").await, [2]);
    assert_eq!(ids(&center, "status=VERIFYING").await, [4]);
    assert_eq!(ids(&center, "source=cicd").await, [3]);
    assert_eq!(ids(&center, "level=CRITICAL").await, [2]);
    assert_eq!(ids(&center, "environment=staging").await, [4]);
    assert_eq!(ids(&center, "environment=production&project_id=rtc_backend").await, [1]);
    assert_eq!(ids(&center, "q=WRONG+at+2").await, [2]);
    assert_eq!(ids(&center, "q=views.py&status=NEW").await, [1, 3, 2]);
    assert_eq!(ids(&center, "q=%25").await, Vec::<i64>::new());
    assert_eq!(ids(&center, "q=_").await, Vec::<i64>::new());
    assert_eq!(ids(&center, "since=2026-01-02T03:04:08Z").await, [1, 4]);
    assert_eq!(ids(&center, "until=2026-01-02T03:04:08Z").await, [3, 2]);
    assert_eq!(ids(&center, "q=project:web,rtc_backend+-env:staging,main+file:VIEWS").await, [1, 2]);
    assert_eq!(ids(&center, "q=is:open+wrong+-is:new&level=ERROR").await, [4]);
    assert_eq!(ids(&center, "q=since:1m+count:>1").await, [1]);
}

#[tokio::test]
async fn a_filter_that_does_not_exist_is_told_and_never_taken_for_text() {
    let center = Center::start().await;
    center
        .report(&with(
            report(1),
            json!({"error": {"type": "TypeError", "message": "see http://host:80/ std::io"}}),
        ))
        .await
        .ok();
    for (q, detail) in [
        (
            "status:FIXD",
            "status:FIXD: must be one of NEW, VERIFYING, CANNOT_REPRODUCE, PENDING_FIX, FIXING, FIXED, VERIFIED, DEPLOYED, FIX_FAILED; did you mean status:FIXED?",
        ),
        ("Is:open", "Is:open: Is is no key; to search for the text, put it in quotes; did you mean is:open?"),
        (
            "since:soon",
            "since:soon: must be a time, such as 30m, 24h, 7d, 2w, today, yesterday, 2026-11-26 or 2026-11-26T08:00:00Z",
        ),
        ("project:a/b", "project:a/b: must be 1 to 128 of A-Z"),
    ] {
        let answer = center.get(&format!("/api/v1/issues?q={q}")).await;
        let problem = answer.problem(422);
        let told = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(told.starts_with(detail), "{told}");
        assert_eq!(problem["errors"][0]["parameter"], "q");
    }
    for text in ["TypeError:+see", "http://host:80/", "std::io", "%22status:OPEN%22", "-quiet"] {
        let found = usize::from(!text.contains("OPEN") && !text.contains("quiet"));
        assert_eq!(ids(&center, &format!("q={text}")).await.len(), found, "{text}");
    }
}

#[tokio::test]
async fn an_issue_is_found_in_every_environment_that_it_was_seen_in() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    center.report(&with(report(1), json!({"environment": "staging"}))).await.ok();
    assert_eq!(ids(&center, "environment=production").await, [1]);
    assert_eq!(ids(&center, "environment=staging").await, [1]);
    assert_eq!(ids(&center, "environment=development").await, Vec::<i64>::new());
}

#[tokio::test]
async fn pages_hold_every_issue_once() {
    let center = Center::start().await;
    let reports: Vec<Value> = (1..=95).map(report).collect();
    center.batch(&reports).await.ok();
    for sort in ["last_seen", "first_seen", "count"] {
        // All have the same time and count, so the order is by id.
        let query = format!("limit=10&sort={sort}");
        assert_eq!(ids(&center, &query).await, (1..=95).rev().collect::<Vec<i64>>(), "{sort}");
    }
    let page = center.get("/api/v1/issues?limit=95").await.ok();
    assert_eq!(page["next_cursor"], Value::Null);
}

#[tokio::test]
async fn statistics_add_up() {
    let center = Center::start().await;
    for (hours, environment, count) in [(0, "production", 2), (1, "production", 3), (30, "staging", 4)] {
        center.pass_millis(hours * 3600 * 1000);
        let more = json!({"environment": environment, "count": count});
        center.report(&with(report(1), more)).await.ok();
    }
    center.report(&with(report(2), json!({"project_id": "web"}))).await.ok();
    let stats = center.get("/api/v1/issues/1/stats").await.ok();
    let expected = json!({
        "hours": [
            {"at": "2026-01-02T03:00:00.000Z", "count": 2},
            {"at": "2026-01-02T04:00:00.000Z", "count": 3},
            {"at": "2026-01-03T10:00:00.000Z", "count": 4},
        ],
        "days": [{"at": "2026-01-02T00:00:00.000Z", "count": 5}, {"at": "2026-01-03T00:00:00.000Z", "count": 4}],
        "environments": [
            {"environment": "production", "count": 5, "last_seen": "2026-01-02T04:04:05.000Z"},
            {"environment": "staging", "count": 4, "last_seen": "2026-01-03T10:04:05.000Z"},
        ],
    });
    assert_eq!(stats, expected);
    let since = center.get("/api/v1/issues/1/stats?since=2026-01-03T10:30:00Z").await.ok();
    assert_eq!(since["hours"].as_array().unwrap().len(), 1);
    assert_eq!(since["days"].as_array().unwrap().len(), 2);

    let all = center.get("/api/v1/stats").await.ok();
    assert_eq!((&all["issues"], &all["count"]), (&json!(2), &json!(10)));
    assert_eq!(all["projects"][0], json!({"project_id": "rtc_backend", "issues": 1, "count": 9}));
    assert_eq!(all["statuses"], json!([{"status": "NEW", "issues": 2, "count": 10}]));
    assert_eq!(all["sources"], json!([{"source": "runtime", "issues": 2, "count": 10}]));
    assert_eq!(all["hours"].as_array().unwrap().len(), 3);
    assert_eq!(all["hours"][2]["count"], 5);
}

#[tokio::test]
async fn a_removed_issue_leaves_nothing_and_its_id_is_not_used_again() {
    let center = Center::start().await;
    center.report(&with(report(1), json!({"event_id": "kept"}))).await.ok();
    center.report(&with(report(2), json!({"event_id": "gone", "version": "1"}))).await.ok();
    center.force(2, "FIXED").await;
    assert_eq!(center.delete("/api/v1/issues/2").await.status, 204);
    for path in
        ["/api/v1/issues/2", "/api/v1/issues/2/events", "/api/v1/issues/2/history", "/api/v1/issues/2/stats"]
    {
        center.get(path).await.problem(404);
    }
    center.delete("/api/v1/issues/2").await.problem(404);
    assert_eq!(center.get("/api/v1/stats").await.ok()["hours"][0]["count"], 1);

    let again = center.report(&with(report(2), json!({"event_id": "gone"}))).await.ok();
    assert_eq!(again, json!({"message": "Log reported", "id": 3}));
    assert_eq!(center.issue(1).await["count"], 1);
}
