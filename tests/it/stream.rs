//! `GET /api/v1/stream`: changes of issues, as they happen.

use crate::harness::listening::Listening;
use crate::harness::{Center, Process, report, with};
use serde_json::json;
use tempfile::tempdir;

#[tokio::test]
async fn what_happens_is_told_with_the_issue() {
    let center = Center::start().await;
    let mut listening = Listening::to(&center, None).await;
    center.report(&report(1)).await.ok();
    let created = listening.next().await.unwrap();
    assert_eq!(created.event, "issue.created");
    let mut issue = center.issue(1).await;
    issue.as_object_mut().unwrap().remove("context");
    issue["error"].as_object_mut().unwrap().remove("stack_trace");
    assert_eq!(created.data, issue);

    center.report(&report(1)).await.ok();
    let counted = listening.next().await.unwrap();
    assert_eq!((counted.event.as_str(), &counted.data["count"]), ("issue.changed", &json!(2)));

    center.force(1, "FIXED").await;
    let fixed = listening.next().await.unwrap();
    assert_eq!((fixed.event.as_str(), &fixed.data["status"]), ("issue.changed", &json!("FIXED")));

    center.pass_millis(1000);
    center.report(&report(1)).await.ok();
    let back = listening.next().await.unwrap();
    assert_eq!((back.event.as_str(), &back.data["status"]), ("issue.regressed", &json!("NEW")));

    center.force(1, "VERIFIED").await;
    listening.next().await.unwrap();
    let deployment = json!({"project_id": "rtc_backend", "environment": "production"});
    center.with_json("POST", "/api/v1/deployments", &deployment).await.ok();
    assert_eq!(listening.next().await.unwrap().data["status"], "DEPLOYED");
}

#[tokio::test]
async fn many_at_once_are_told_once_each() {
    let center = Center::start().await;
    let mut listening = Listening::to(&center, None).await;
    let reports: Vec<_> = (0..100).map(|at| report(at % 10)).collect();
    center.batch(&reports).await.ok();
    let mut told = Vec::new();
    for _ in 0..10 {
        let message = listening.next().await.unwrap();
        assert_eq!((message.event.as_str(), &message.data["count"]), ("issue.created", &json!(10)));
        told.push(message.data["id"].as_i64().unwrap());
    }
    told.sort_unstable();
    assert_eq!(told, (1..=10).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_was_away_gets_what_it_missed() {
    let center = Center::start().await;
    let mut first = Listening::to(&center, None).await;
    center.report(&report(1)).await.ok();
    let seen = first.next().await.unwrap();
    drop(first);
    center.report(&report(2)).await.ok();
    let mut again = Listening::to(&center, Some(&seen.id)).await;
    assert_eq!(again.next().await.unwrap().data["id"], 2);
    let mut stranger = Listening::to(&center, Some("of another server")).await;
    assert_eq!(stranger.next().await.unwrap().event, "stream.missed");
    center.report(&with(report(3), json!({"environment": "test"}))).await.ok();
    assert_eq!(stranger.next().await.unwrap().data["id"], 3);
}

#[tokio::test]
async fn it_ends_when_the_server_stops() {
    let folder = tempdir().unwrap();
    let server = Process::start(folder.path());
    let mut api = Listening::to(&server, None).await;
    let mut dashboard = Listening::to(&server.dashboard, None).await;
    server.report(&report(1)).await.ok();
    assert_eq!(api.next().await.unwrap().event, "issue.created");
    assert_eq!(dashboard.next().await.unwrap().event, "issue.created");
    server.signal_terminate();
    assert!(api.next().await.is_none());
    assert!(dashboard.next().await.is_none());
    assert!(server.terminate().success());
}
