//! Projects and their keys.

use crate::harness::{Center, Http, Options, report, with};
use serde_json::{Value, json};

#[tokio::test]
async fn a_project_is_created_by_report_or_by_put_in_any_order() {
    let center = Center::start().await;
    let metadata = json!({"name": "后端", "repo_url": "https://g.example/b.git", "local_path": "/srv/b"});
    let put = center.with_json("PUT", "/api/v1/projects/first_put", &metadata).await.ok();
    assert_eq!(put["complete"], true);
    center
        .report(&with(report(1), json!({"project_id": "first_put", "repo_url": "https://other.example"})))
        .await
        .ok();
    let kept = center.get("/api/v1/projects/first_put").await.ok();
    assert_eq!(kept["repo_url"], "https://g.example/b.git");

    let reported =
        with(report(1), json!({"project_id": "first_report", "repo_url": "https://g.example/r.git"}));
    center.report(&reported).await.ok();
    let project = center.get("/api/v1/projects/first_report").await.ok();
    let expected = json!({
        "project_id": "first_report", "name": null, "repo_url": "https://g.example/r.git", "local_path": null,
        "description": null, "complete": false, "regression_rule": "any", "created_at": "2026-01-02T03:04:05.000Z",
        "updated_at": "2026-01-02T03:04:05.000Z",
    });
    assert_eq!(project, expected);
    let list = center.get("/api/v1/projects").await.ok();
    let ids: Vec<&Value> =
        list["projects"].as_array().unwrap().iter().map(|project| &project["project_id"]).collect();
    assert_eq!(ids, ["first_put", "first_report"]);
    center.get("/api/v1/projects/nobody").await.problem(404);
}

#[tokio::test]
async fn left_out_stays_and_null_empties() {
    let center = Center::start().await;
    let path = "/api/v1/projects/p";
    center.with_json("PUT", path, &json!({"name": "n", "description": "d"})).await.ok();
    let project = center.with_json("PUT", path, &json!({"name": null})).await.ok();
    assert_eq!((&project["name"], &project["description"]), (&Value::Null, &json!("d")));
    let answer = center.with_json("PUT", path, &json!({"name": 1, "regression_rule": "never"})).await;
    answer.problem(422);
    assert_eq!(answer.pointers(), ["/name", "/regression_rule"]);
    center.with_json("PUT", "/api/v1/projects/-bad", &json!({})).await.problem(422);
    center.send(center.request("PUT", path).body("{}")).await.problem(415);
}

#[tokio::test]
async fn a_removed_project_takes_everything_along() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    center.report(&with(report(1), json!({"project_id": "other"}))).await.ok();
    center.send(center.request("POST", "/api/v1/projects/rtc_backend/keys")).await.ok();
    assert_eq!(center.delete("/api/v1/projects/rtc_backend").await.status, 204);
    center.get("/api/v1/projects/rtc_backend").await.problem(404);
    center.get("/api/v1/issues/1").await.problem(404);
    assert_eq!(center.issue(2).await["count"], 1);
    center.delete("/api/v1/projects/rtc_backend").await.problem(404);
    assert_eq!(center.report(&report(1)).await.ok(), json!({"message": "Log reported", "id": 3}));
}

#[tokio::test]
async fn keys_are_shown_once_and_open_one_project() {
    let center = Center::start_with(Options {
        admin_token: Some("secret"),
        require_ingest_key: true,
        ..Options::default()
    })
    .await;
    let admin = center.bearer("secret");
    admin.with_json("PUT", "/api/v1/projects/rtc_backend", &json!({})).await.ok();
    let made = admin.send(admin.request("POST", "/api/v1/projects/rtc_backend/keys")).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("lck_") && key.len() == 44);
    let listed = admin.get("/api/v1/projects/rtc_backend/keys").await;
    assert!(!listed.text.contains(key));
    assert_eq!(listed.ok()["keys"][0]["hint"], key[..8]);
    admin.send(admin.request("POST", "/api/v1/projects/nobody/keys")).await.problem(404);

    center.report(&report(1)).await.problem(401);
    center.bearer("lck_wrong").report(&report(1)).await.problem(401);
    assert_eq!(center.bearer(key).report(&report(1)).await.ok()["message"], "Log reported");
    let header = center.request("POST", "/api/v1/logs/report").header("x-log-center-key", key);
    center.send(header.body(report(1).to_string())).await.ok();
    let query = center.request("POST", &format!("/api/v1/logs/report?key={key}")).body(report(1).to_string());
    center.send(query).await.ok();
    let issue = admin.issue(1).await;
    assert_eq!((&issue["count"], &issue["trusted"]), (&json!(3), &json!(true)));

    let elsewhere = with(report(1), json!({"project_id": "other"}));
    center.bearer(key).report(&elsewhere).await.problem(403);
    let results = center.bearer(key).batch(&[report(1), elsewhere]).await.ok();
    assert_eq!(results["results"][0]["message"], "Log deduplicated");
    assert_eq!(results["results"][1]["problem"]["status"], 403);

    let path = format!("/api/v1/projects/rtc_backend/keys?id={}", made["id"]);
    assert_eq!(admin.delete(&path).await.ok(), json!({"deleted": 1}));
    center.bearer(key).report(&report(1)).await.problem(401);
}

#[tokio::test]
async fn a_key_makes_an_event_trusted_where_none_is_required() {
    let center = Center::start_with(Options { admin_token: Some("secret"), ..Options::default() }).await;
    let admin = center.bearer("secret");
    center.report(&report(1)).await.ok();
    assert_eq!(admin.issue(1).await["trusted"], false);
    let made = admin.send(admin.request("POST", "/api/v1/projects/rtc_backend/keys")).await.json();
    center.bearer(made["key"].as_str().unwrap()).report(&report(1)).await.ok();
    assert_eq!(admin.issue(1).await["trusted"], true);
    // A wrong key is ignored; the report is still accepted.
    center.bearer("lck_wrong").report(&report(1)).await.ok();
    assert_eq!(admin.issue(1).await["trusted"], false);
}

#[tokio::test]
async fn only_a_server_that_keeps_its_key_to_itself_is_trusted() {
    let center = Center::start_with(Options { admin_token: Some("secret"), ..Options::default() }).await;
    let admin = center.bearer("secret");
    admin.with_json("PUT", "/api/v1/projects/rtc_backend", &json!({})).await.ok();
    let keys = "/api/v1/projects/rtc_backend/keys";
    let key = async |kind: Value| {
        let made = admin.with_json("POST", keys, &json!({"kind": kind})).await.json();
        (made["kind"].clone(), center.bearer(made["key"].as_str().unwrap()))
    };
    let ((kind, server), (_, page)) = (key(Value::Null).await, key(json!("browser")).await);
    assert_eq!(kind, "server");
    assert_eq!(admin.get(keys).await.ok()["keys"][1]["kind"], "browser");
    let wrong = admin.with_json("POST", keys, &json!({"kind": "app"})).await.problem(422);
    assert_eq!(wrong["errors"][0]["pointer"], "/kind");

    let trusted = async |http: &Http, header: Option<(&str, &str)>| {
        let request = http.request("POST", "/api/v1/logs/report").body(report(1).to_string());
        let request = header.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        http.send(request).await.ok();
        admin.issue(1).await["trusted"].clone()
    };
    assert_eq!(trusted(&server, None).await, true);
    assert_eq!(trusted(&page, None).await, false);
    assert_eq!(trusted(&server, Some(("origin", "https://shop.example"))).await, false);
    assert_eq!(trusted(&server, Some(("sec-fetch-site", "same-origin"))).await, false);

    let deployment = |project: &str| json!({"project_id": project, "environment": "production"});
    let deploy = async |http: &Http, project: &str| {
        http.with_json("POST", "/api/v1/deployments", &deployment(project)).await
    };
    assert_eq!(deploy(&server, "rtc_backend").await.ok(), json!({"deployed": []}));
    admin.force(1, "VERIFIED").await;
    assert_eq!(deploy(&server, "rtc_backend").await.ok(), json!({"deployed": [1]}));
    let entry = admin.get("/api/v1/issues/1/history").await.ok()["history"][0].clone();
    assert_eq!(entry["actor"], "a server of rtc_backend");
    deploy(&server, "other").await.problem(403);
    deploy(&page, "rtc_backend").await.problem(403);
    deploy(&center, "rtc_backend").await.problem(401);
}
