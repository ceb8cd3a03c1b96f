//! Tokens for programs: what each role may do, and that a limited token sees nothing else.

use crate::harness::listening::Listening;
use crate::harness::{Center, Http, Options, eventually, report, with};
use serde_json::{Value, json};

async fn center() -> Center {
    Center::start_with(Options { admin_token: Some("secret"), ..Options::default() }).await
}

async fn made(admin: &Http, token: Value) -> Value {
    let answer = admin.with_json("POST", "/api/v1/tokens", &token).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

async fn issued(center: &Center, token: Value) -> Http {
    let token = made(&center.bearer("secret"), token).await;
    center.bearer(token["token"].as_str().unwrap())
}

#[tokio::test]
async fn a_token_is_shown_once_listed_used_and_revoked() {
    let center = center().await;
    let admin = center.bearer("secret");
    let expires_at = center.now().plus_millis(3_600_000).to_string();
    let token =
        json!({"name": "repair-1", "role": "agent", "project_ids": ["shop"], "expires_at": expires_at});
    let token = made(&admin, token).await;
    let secret = token["token"].as_str().unwrap().to_owned();
    assert!(secret.len() == 44 && secret.starts_with("lct_"), "{secret}");
    let expected = json!({"id": 1, "name": "repair-1", "role": "agent", "project_ids": ["shop"],
        "expires_at": expires_at, "created_at": center.now().to_string(), "last_used_at": null});
    assert_eq!(admin.get("/api/v1/tokens").await.ok(), json!({"tokens": [expected], "next_cursor": null}));

    let agent = center.bearer(&*secret);
    agent.get("/api/v1/issues").await.ok();
    let used = eventually("its use is stored", || async {
        let listed = admin.get("/api/v1/tokens").await.ok();
        listed["tokens"][0]["last_used_at"].as_str().map(str::to_owned)
    });
    assert_eq!(used.await, center.now().to_string());

    assert_eq!(admin.delete("/api/v1/tokens/1").await.status, 204);
    agent.get("/api/v1/issues").await.problem(401);
    admin.delete("/api/v1/tokens/1").await.problem(404);
    admin.delete("/api/v1/tokens/x").await.problem(404);
}

#[tokio::test]
async fn a_token_expires() {
    let center = center().await;
    let expires_at = center.now().plus_millis(60_000).to_string();
    let viewer = issued(&center, json!({"name": "v", "role": "viewer", "expires_at": expires_at})).await;
    viewer.get("/api/v1/issues").await.ok();
    center.pass_millis(60_000);
    viewer.get("/api/v1/issues").await.problem(401);
}

#[tokio::test]
async fn tokens_are_paged_and_wrong_ones_are_explained() {
    let center = center().await;
    let admin = center.bearer("secret");
    for name in ["a", "b", "c"] {
        made(&admin, json!({"name": name, "role": "viewer"})).await;
    }
    let first = admin.get("/api/v1/tokens?limit=2").await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = admin.get(&format!("/api/v1/tokens?limit=2&cursor={cursor}")).await.ok();
    let names = |page: &Value| -> Vec<String> {
        let tokens = page["tokens"].as_array().unwrap();
        tokens.iter().map(|token| token["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((names(&first), names(&second)), (vec!["c".into(), "b".into()], vec!["a".into()]));
    for (wrong, pointer) in [
        (json!({"role": "viewer"}), "/name"),
        (json!({"name": "n"}), "/role"),
        (json!({"name": "n", "role": "root"}), "/role"),
        (json!({"name": "n", "role": "agent", "project_ids": []}), "/project_ids"),
        (json!({"name": "n", "role": "agent", "project_ids": ["shop", "no such"]}), "/project_ids/1"),
        (json!({"name": "n", "role": "agent", "project_ids": "shop"}), "/project_ids"),
        (json!({"name": "n", "role": "agent", "expires_at": "soon"}), "/expires_at"),
        (json!({"name": "n", "role": "agent", "expires_at": "2020-01-01T00:00:00Z"}), "/expires_at"),
    ] {
        let problem = admin.with_json("POST", "/api/v1/tokens", &wrong).await.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
}

#[tokio::test]
async fn a_limited_token_sees_nothing_of_other_projects() {
    let center = center().await;
    let admin = center.bearer("secret");
    center.report(&with(report(1), json!({"project_id": "shop"}))).await.ok();
    center.report(&with(report(2), json!({"project_id": "other"}))).await.ok();
    let shop = issued(&center, json!({"name": "s", "role": "admin", "project_ids": ["shop", "new"]})).await;

    let ids = |listed: &Value| -> Vec<i64> {
        listed["issues"].as_array().unwrap().iter().map(|issue| issue["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids(&shop.get("/api/v1/issues").await.ok()), [1]);
    assert!(ids(&shop.get("/api/v1/issues?project_id=other").await.ok()).is_empty());
    assert_eq!(ids(&admin.get("/api/v1/issues").await.ok()), [2, 1]);
    let stats = shop.get("/api/v1/stats").await.ok();
    assert_eq!(stats["projects"], json!([{"project_id": "shop", "issues": 1, "count": 1}]));
    assert_eq!((&stats["issues"], &stats["hours"][0]["count"]), (&json!(1), &json!(1)));
    let projects = shop.get("/api/v1/projects").await.ok();
    assert_eq!(projects["projects"].as_array().unwrap().len(), 1);
    assert!(projects["projects"][0].get("local_path").is_some());

    for path in ["", "/events", "/history", "/stats"] {
        shop.get(&format!("/api/v1/issues/1{path}")).await.ok();
        shop.get(&format!("/api/v1/issues/2{path}")).await.problem(404);
    }
    shop.with_json("PATCH", "/api/v1/issues/2", &json!({"status": "VERIFYING"})).await.problem(404);
    shop.get("/api/v1/projects/other").await.problem(404);
    shop.delete("/api/v1/projects/other").await.problem(404);
    shop.delete("/api/v1/issues/2").await.problem(404);
    shop.get("/api/v1/projects/other/keys").await.problem(404);
    let deployment = json!({"project_id": "other", "environment": "production"});
    shop.with_json("POST", "/api/v1/deployments", &deployment).await.problem(404);
    admin.with_json("POST", "/api/v1/deployments", &deployment).await.ok();
    assert_eq!(shop.get("/api/v1/deployments").await.ok()["deployments"], json!([]));
    let overwrite = json!({"name": "mine", "regression_rule": "new_release"});
    shop.with_json("PUT", "/api/v1/projects/other", &overwrite).await.problem(404);
    let claim = json!({"worker": "w", "statuses": ["NEW"], "lease_seconds": 60});
    let others = json!({"worker": "w", "statuses": ["NEW"], "lease_seconds": 60, "issue_id": 2});
    assert_eq!(shop.with_json("POST", "/api/v1/issues/claim", &others).await.status, 204);
    let lease = admin.with_json("POST", "/api/v1/issues/claim", &others).await.ok()["lease"]["token"].clone();
    let verifying = json!({"stage": "verify", "lease_token": lease});
    let attempt = admin.with_json("POST", "/api/v1/issues/2/attempts", &verifying).await.ok()["id"].clone();
    for path in ["heartbeat", "release", "attempts", "repair", "repair/stop", "repair/approve"] {
        shop.with_json("POST", &format!("/api/v1/issues/2/{path}"), &verifying).await.problem(404);
    }
    shop.get("/api/v1/issues/2/attempts").await.problem(404);
    shop.get(&format!("/api/v1/attempts/{attempt}")).await.problem(404);
    assert_eq!(shop.with_json("POST", "/api/v1/issues/claim", &claim).await.ok()["issue"]["id"], 1);
    shop.with_json("PUT", "/api/v1/projects/shop", &overwrite).await.ok();
    shop.get("/api/v1/tokens").await.problem(403);
    assert_eq!(shop.delete("/api/v1/issues/1").await.status, 204);
}

#[tokio::test]
async fn a_limited_token_is_streamed_its_own_projects() {
    let center = center().await;
    let shop = issued(&center, json!({"name": "s", "role": "viewer", "project_ids": ["shop"]})).await;
    let mut listening = Listening::to(&shop, None).await;
    center.report(&with(report(1), json!({"project_id": "other"}))).await.ok();
    center.report(&with(report(2), json!({"project_id": "shop"}))).await.ok();
    let message = listening.next().await.unwrap();
    assert_eq!((message.event.as_str(), &message.data["id"]), ("issue.created", &json!(2)));
}

#[tokio::test]
async fn the_history_names_the_token() {
    let center = center().await;
    center.report(&report(1)).await.ok();
    let admin = issued(&center, json!({"name": "release robot", "role": "admin"})).await;
    let change = json!({"status": "VERIFYING", "actor": "somebody else"});
    admin.with_json("PATCH", "/api/v1/issues/1", &change).await.ok();
    let history = admin.get("/api/v1/issues/1/history").await.ok();
    assert_eq!(history["history"][0]["actor"], "release robot");
}

#[tokio::test]
async fn a_revoked_token_is_refused_by_other_replicas() {
    let center = center().await;
    let (_replica, other) = center.replica().await;
    let admin = center.bearer("secret");
    let token = made(&admin, json!({"name": "v", "role": "viewer"})).await;
    let viewer = other.bearer(token["token"].as_str().unwrap());
    let is_taken = async || viewer.get("/api/v1/issues").await.status == 200;
    eventually("the other takes the token", || async { is_taken().await.then_some(()) }).await;
    assert_eq!(admin.delete("/api/v1/tokens/1").await.status, 204);
    eventually("the other refuses it", || async { (!is_taken().await).then_some(()) }).await;
}

#[tokio::test]
async fn a_revoked_token_is_nobody_even_where_no_token_is_needed() {
    let center = Center::start().await;
    let token = made(&center, json!({"name": "v", "role": "viewer"})).await;
    let viewer = center.bearer(token["token"].as_str().unwrap());
    viewer.get("/api/v1/issues").await.ok();
    viewer.get("/api/v1/tokens").await.problem(403);
    assert_eq!(center.delete("/api/v1/tokens/1").await.status, 204);
    viewer.get("/api/v1/issues").await.problem(401);
    viewer.get("/api/v1/tokens").await.problem(401);
    center.get("/api/v1/tokens").await.ok();
}
