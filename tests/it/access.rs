//! Access control: every documented route, called by every kind of caller.

use crate::harness::{Answer, Center, Http, Options, Process, binary, eventually, report};
use logcenter_server::{LogCenter, Sqlite};
use serde_json::{Value, json};
use std::process::Command;
use tempfile::tempdir;

/// Method, path (filled in) and allowed callers of each route, according to the OpenAPI document.
async fn routes(admin: &Http) -> Vec<(String, String, Vec<String>)> {
    let document = admin.get("/openapi.json").await.ok();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let who =
                operation["security"].as_array().unwrap_or_else(|| panic!("{method} {path} has no security"));
            let name =
                |one: &Value| one.as_object().unwrap().keys().next().cloned().unwrap_or("anyone".into());
            if who.iter().any(|one| name(one).ends_with("_signature")) {
                continue; // Forges prove each body by its signature.
            }
            // The ids do not exist, so that permitted calls change nothing.
            let path = path.replace("{id}", "999999").replace("{project_id}", "walked");
            routes.push((method.to_uppercase(), path, who.iter().map(name).collect()));
        }
    }
    routes
}

async fn ask(http: &Http, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = http.request(method, path).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    http.send(if matches!(method, "GET" | "DELETE" | "OPTIONS") { request } else { request.body("{}") }).await
}

fn is_denied(answer: &Answer) -> bool {
    let denied = matches!(answer.status, 401 | 403);
    if denied {
        answer.problem(answer.status);
        assert_eq!(answer.status == 401, answer.header("www-authenticate") == "Bearer", "{answer:?}");
    }
    denied
}

#[tokio::test]
async fn every_route_lets_in_exactly_those_that_the_document_names() {
    for require_ingest_key in [false, true] {
        let center = Center::start_with(Options {
            admin_token: Some("secret"),
            require_ingest_key,
            ..Options::default()
        })
        .await;
        let admin = center.bearer("secret");
        admin.with_json("PUT", "/api/v1/projects/rtc_backend", &json!({})).await.ok();
        let made = admin.send(admin.request("POST", "/api/v1/projects/rtc_backend/keys")).await.json();
        let client = center.bearer(made["key"].as_str().unwrap());
        let foreign = [("origin", "http://evil.example")];
        let mut tokens = Vec::new();
        for role in ["viewer", "agent", "admin"] {
            let token = json!({"name": role, "role": role});
            let token = admin.with_json("POST", "/api/v1/tokens", &token).await.json();
            tokens.push((format!("{role}_token"), center.bearer(token["token"].as_str().unwrap())));
        }
        let routes = routes(&admin).await;
        assert!(routes.len() > 25, "{routes:?}");
        for (method, path, who) in &routes {
            let anyone = who.contains(&"anyone".to_owned());
            // A client's key only opens its own project.
            let own = path.replace("walked", "rtc_backend");
            let needs_key = anyone && require_ingest_key && who.len() > 1;
            let say = format!("{method} {path}, keys required: {require_ingest_key}");
            // The limit on wrong tokens is per minute.
            center.pass_millis(60_000);
            assert!(!is_denied(&ask(&admin, method, &own, &[]).await), "administrator: {say}");
            assert_eq!(
                is_denied(&ask(&center, method, path, &[]).await),
                !anyone || needs_key,
                "anyone: {say}"
            );
            assert_eq!(
                is_denied(&ask(&center.bearer("no"), method, path, &[]).await),
                !anyone || needs_key,
                "{say}"
            );
            let with_key = anyone || who.contains(&"ingest_key".to_owned());
            assert_eq!(is_denied(&ask(&client, method, &own, &[]).await), !with_key, "client: {say}");
            for (name, token) in &tokens {
                // Nobody but an administrator edits a project with a token.
                let is_edit = method == "PUT";
                let allowed = who.contains(name) || anyone && !needs_key && !is_edit;
                assert_eq!(is_denied(&ask(token, method, path, &[]).await), !allowed, "{name}: {say}");
            }
            // A page of another origin is anonymous, whatever token it sends.
            assert_eq!(
                is_denied(&ask(&admin, method, path, &foreign).await),
                !anyone || needs_key,
                "foreign: {say}"
            );
            let same_site = [("sec-fetch-site", "same-site")];
            assert_eq!(
                is_denied(&ask(&admin, method, path, &same_site).await),
                !anyone || needs_key,
                "{say}"
            );
        }
    }
}

#[tokio::test]
async fn without_a_token_only_this_machine_is_answered() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    let rebound = [("host", "rebound.example:8002")];
    let proxied = [("x-forwarded-for", "10.0.0.1")];
    let via = [("forwarded", "for=10.0.0.1")];
    for (method, path, who) in routes(&center).await {
        assert!(!is_denied(&ask(&center, &method, &path, &[]).await), "{method} {path}");
        let ingest = path.starts_with("/api/v1/logs/") || matches!(path.as_str(), "/healthz" | "/readyz");
        for headers in [rebound, proxied, via] {
            let denied = is_denied(&ask(&center, &method, &path, &headers).await);
            assert_eq!(denied, !(ingest || method == "OPTIONS"), "{method} {path} {headers:?} {who:?}");
        }
    }
}

#[tokio::test]
async fn anyone_may_fill_in_a_project_and_overwrite_nothing() {
    let center = Center::start_with(Options { admin_token: Some("secret"), ..Options::default() }).await;
    let path = "/api/v1/projects/p";
    let first =
        center.with_json("PUT", path, &json!({"name": "n", "repo_url": "https://g.example"})).await.ok();
    assert_eq!(first["complete"], false);
    let second = json!({"name": "n", "repo_url": "https://g.example", "local_path": "/srv/p"});
    assert_eq!(center.with_json("PUT", path, &second).await.ok()["complete"], true);
    for overwrite in [
        json!({"repo_url": "https://evil.example"}),
        json!({"name": null}),
        json!({"regression_rule": "new_release"}),
    ] {
        let field = overwrite.as_object().unwrap().keys().next().unwrap().clone();
        let problem = center.with_json("PUT", path, &overwrite).await.problem(403);
        assert!(problem["detail"].as_str().unwrap().contains(&field), "{problem}");
    }
    let admin = center.bearer("secret");
    assert_eq!(admin.with_json("PUT", path, &json!({"name": "m"})).await.ok()["name"], "m");
    let listed = center.get("/api/v1/projects").await.ok();
    assert_eq!(listed, json!({"projects": [{"project_id": "p", "name": "m"}]}));
    assert!(admin.get("/api/v1/projects").await.ok()["projects"][0].get("local_path").is_some());
}

#[tokio::test]
async fn a_centre_without_authentication_is_not_built() {
    let folder = tempdir().unwrap();
    let store = || Sqlite::open(folder.path().join("x.db")).unwrap();
    let error = LogCenter::builder().store(store()).build().await.unwrap_err();
    assert!(error.to_string().contains("host_authenticates"), "{error}");
    assert!(LogCenter::builder().store(store()).admin_token("").build().await.is_err());
    assert!(LogCenter::builder().host_authenticates().build().await.is_err());
    let center = LogCenter::builder().store(store()).host_authenticates().build().await.unwrap();
    center.shutdown().await;
}

#[test]
fn the_binary_refuses_an_open_door() {
    let folder = tempdir().unwrap();
    let serve = |args: &[&str]| {
        let mut command = Command::new(binary());
        command.args(["serve", "--database"]).arg(folder.path().join("x.db")).args(args);
        let output = command.env_remove("LOGCENTER_ADMIN_TOKEN").output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for flag in ["--listen", "--dashboard-listen"] {
        let (code, said) = serve(&[flag, "0.0.0.0:0"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("--admin-token"), "{said}");
    }
    assert_eq!(serve(&["--admin-token", ""]).0, Some(2));
    let open = Process::start_with(folder.path(), &["--listen", "0.0.0.0:0", "--admin-token", "t"]);
    drop(open);
}

#[tokio::test]
async fn nobody_goes_on_guessing_at_any_route() {
    let center = Center::start_with(Options { admin_token: Some("secret"), ..Options::default() }).await;
    let admin = center.bearer("secret");
    for n in 0..10 {
        let guess = center.bearer(format!("guess {n}"));
        guess.get(["/api/v1/issues", "/metrics", "/api/v1/projects"][n % 3]).await;
    }
    for path in ["/api/v1/issues", "/api/v1/projects", "/api/v1/stream"] {
        let limited = admin.get(path).await;
        limited.problem(429);
        assert_eq!(limited.header("retry-after"), "60");
    }
    // Reports are still accepted, but their tokens are not compared.
    assert_eq!(admin.report(&report(1)).await.ok()["message"], "Log reported");
    center.pass_millis(60_000);
    assert_eq!(admin.issue(1).await["trusted"], false);
    admin.report(&report(1)).await.ok();
    assert_eq!(admin.issue(1).await["trusted"], true);
}

#[tokio::test]
async fn a_client_with_an_old_key_locks_nobody_out() {
    let center = Center::start_with(Options { admin_token: Some("secret"), ..Options::default() }).await;
    for secret in ["lck_0123456789abcdef0123456789abcdef01234567", "any-word-of-a-client"] {
        for _ in 0..20 {
            center.bearer(secret).report(&report(1)).await.ok();
        }
    }
    let admin = center.bearer("secret");
    assert_eq!(admin.issue(1).await["count"], 40);
    // Guesses at the token are limited on the ingest routes too, where any string may be a key.
    admin.report(&report(1)).await.ok();
    assert_eq!(admin.issue(1).await["trusted"], false);
}

#[tokio::test]
async fn a_replica_hears_of_keys_that_another_made_and_revoked() {
    let center = Center::start_with(Options {
        admin_token: Some("secret"),
        require_ingest_key: true,
        ..Options::default()
    })
    .await;
    let (_replica, other) = center.replica().await;
    let admin = center.bearer("secret");
    admin.with_json("PUT", "/api/v1/projects/rtc_backend", &json!({})).await.ok();
    let made = admin.send(admin.request("POST", "/api/v1/projects/rtc_backend/keys")).await.json();
    let client = other.bearer(made["key"].as_str().unwrap());
    let begin = std::time::Instant::now();
    eventually("the other takes the key", || async {
        (client.report(&report(1)).await.status == 200).then_some(())
    })
    .await;
    admin.delete("/api/v1/projects/rtc_backend/keys").await.ok();
    eventually("the other refuses it", || async {
        (client.report(&report(1)).await.status == 401).then_some(())
    })
    .await;
    assert!(begin.elapsed() < std::time::Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_made_and_revoked_at_once_are_what_they_were_made_last() {
    let center = Center::start_with(Options {
        admin_token: Some("secret"),
        require_ingest_key: true,
        ..Options::default()
    })
    .await;
    let admin = center.bearer("secret");
    const KEYS: &str = "/api/v1/projects/rtc_backend/keys";
    admin.with_json("PUT", "/api/v1/projects/rtc_backend", &json!({})).await.ok();
    let make = async || admin.send(admin.request("POST", KEYS)).await.json();
    let mut old = make().await;
    for _ in 0..100 {
        // Whoever reads the keys between the two must not have the last word.
        let path = format!("{KEYS}?id={}", old["id"]);
        let (removed, new, newer) = tokio::join!(admin.delete(&path), make(), make());
        removed.ok();
        let answer =
            async |key: &Value| center.bearer(key["key"].as_str().unwrap()).report(&report(1)).await.status;
        assert_eq!((answer(&old).await, answer(&new).await, answer(&newer).await), (401, 200, 200));
        admin.delete(&format!("{KEYS}?id={}", newer["id"])).await.ok();
        old = new;
    }
}

#[tokio::test]
async fn a_listener_hears_what_a_replica_does() {
    let center = Center::start().await;
    let (_replica, other) = center.replica().await;
    let mut listening = crate::harness::listening::Listening::to(&center, None).await;
    other.report(&report(1)).await.ok();
    assert_eq!(listening.next().await.unwrap().event, "issue.created");
    other.force(1, "FIXED").await;
    assert_eq!(listening.next().await.unwrap().data["status"], "FIXED");
}

#[tokio::test]
async fn an_empty_text_leaves_a_field_open_to_everybody() {
    let center = Center::start_with(Options { admin_token: Some("secret"), ..Options::default() }).await;
    let put = async |body: Value| center.with_json("PUT", "/api/v1/projects/p", &body).await;
    let empty = put(json!({"repo_url": "", "name": ""})).await.ok();
    assert!(empty["repo_url"].is_null() && empty["name"].is_null(), "{empty}");
    assert_eq!(put(json!({"repo_url": "https://git/p"})).await.ok()["repo_url"], "https://git/p");
    put(json!({"repo_url": ""})).await.problem(403);
}

#[tokio::test]
async fn a_page_of_another_origin_locks_nobody_out() {
    let center = Center::start_with(Options { admin_token: Some("secret"), ..Options::default() }).await;
    for _ in 0..20 {
        let request = center.bearer("guess").request("PUT", "/api/v1/projects/p");
        let request =
            request.header("origin", "http://evil.example").header("content-type", "application/json");
        center.send(request.body("{}")).await.ok();
    }
    center.bearer("secret").get("/api/v1/issues").await.ok();
}
