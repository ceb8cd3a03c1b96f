//! The router in a host: with any state, under any prefix, twice, beside the host's own routes and data.

use crate::harness::{Answer, Http, report};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use logcenter_server::{LogCenter, Sqlite};
use std::path::Path;
use std::sync::Arc;
use tempfile::tempdir;
use tokio::net::TcpListener;

/// The host's own state, unknown to us.
#[derive(Clone)]
struct Host {
    name: Arc<str>,
}

async fn center(path: &Path) -> LogCenter {
    LogCenter::builder().store(Sqlite::open(path).unwrap()).host_authenticates().build().await.unwrap()
}

fn host(routes: Router<Host>) -> Router {
    routes
        .route("/", get(|State(host): State<Host>| async move { host.name.to_string() }))
        .fallback(|| async { (StatusCode::NOT_FOUND, "the host's own 404") })
        .with_state(Host { name: "host".into() })
}

async fn serve(router: Router) -> Http {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = Http::new(format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    http
}

/// Every `href` of a page.
fn links(page: &Answer) -> Vec<String> {
    page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// What must work under a prefix.
async fn works_under(http: &Http, prefix: &str) {
    let home = http.get(prefix).await;
    assert_eq!(home.status, 200, "{prefix}: {home:?}");
    for page in [home, http.get(&format!("{prefix}/docs")).await] {
        assert_eq!(page.status, 200);
        for link in links(&page) {
            if link.starts_with('#') {
                continue;
            }
            assert!(link == prefix || link.starts_with(&format!("{prefix}/")), "{link} leaves {prefix}");
            assert_eq!(http.get(&link).await.status, 200, "{link}");
        }
    }
    let document = http.get(&format!("{prefix}/openapi.json")).await.ok();
    assert_eq!(document["servers"][0]["url"], prefix);
    let reported = http.with_json("POST", &format!("{prefix}/api/v1/logs/report"), &report(1)).await.ok();
    assert_eq!(
        http.get(&format!("{prefix}/api/v1/issues/{}", reported["id"])).await.ok()["project_id"],
        "rtc_backend"
    );
    // What a client posts to whose address ends with a slash.
    http.with_json("POST", &format!("{prefix}//api/v1/logs/report"), &report(1)).await.ok();
    let problem = http.get(&format!("{prefix}/nope")).await.problem(404);
    assert!(problem["detail"].as_str().unwrap().contains(&format!("{prefix}/nope")));
    http.delete(&format!("{prefix}/api/v1/logs/report")).await.problem(405);
    assert_eq!(http.get("/").await.text, "host");
    assert_eq!(http.get("/elsewhere").await.text, "the host's own 404");
}

#[tokio::test]
async fn under_a_prefix_with_and_without_its_slash() {
    let folder = tempdir().unwrap();
    let center = center(&folder.path().join("a.db")).await;
    let http = serve(host(Router::new().nest_service("/a/b", center.router::<()>()))).await;
    works_under(&http, "/a/b").await;
    let slash = http.get("/a/b/").await;
    assert_eq!(slash.status, 200);
    let stays = |link: &String| {
        link == "/a/b" || link.starts_with('#') || (link.starts_with("/a/b/") && !link.starts_with("/a/b//"))
    };
    assert!(links(&slash).iter().all(stays), "{:?}", links(&slash));
    center.shutdown().await;
}

#[tokio::test]
async fn nested_with_the_host_s_state_and_one_redirect() {
    let folder = tempdir().unwrap();
    let center = center(&folder.path().join("a.db")).await;
    let slash = get(|| async { axum::response::Redirect::permanent("/a/b") });
    let http = serve(host(Router::new().nest("/a/b", center.router()).route("/a/b/", slash))).await;
    works_under(&http, "/a/b").await;
    assert_eq!(http.get("/a/b/").await.header("location"), "/a/b");
}

#[tokio::test]
async fn under_a_prefix_with_a_parameter() {
    let folder = tempdir().unwrap();
    let center = center(&folder.path().join("a.db")).await;
    let http = serve(host(Router::new().nest("/t/{tenant}/c", center.router()))).await;
    works_under(&http, "/t/acme/c").await;
    let project = http.get("/t/acme/c/api/v1/projects/rtc_backend").await.ok();
    assert_eq!(project["project_id"], "rtc_backend");
    let http = serve(host(Router::new().nest_service("/t/{id}/c", center.router::<()>()))).await;
    assert_eq!(http.get("/t/7/c/api/v1/issues/1").await.ok()["id"], 1);
}

#[tokio::test]
async fn twice_in_one_process_beside_the_host_s_own_sqlite() {
    let folder = tempdir().unwrap();
    let own = rusqlite::Connection::open(folder.path().join("host.db")).unwrap();
    own.execute_batch("CREATE TABLE mine (x); INSERT INTO mine VALUES (7)").unwrap();
    let (one, two) = (center(&folder.path().join("1.db")).await, center(&folder.path().join("2.db")).await);
    let routes = Router::new().nest_service("/one", one.router::<()>()).nest("/two", two.router());
    let http = serve(host(routes)).await;
    works_under(&http, "/one").await;
    works_under(&http, "/two").await;
    http.with_json("POST", "/one/api/v1/logs/report", &report(2)).await.ok();
    assert_eq!(http.get("/one/api/v1/stats").await.ok()["issues"], 2);
    assert_eq!(http.get("/two/api/v1/stats").await.ok()["issues"], 1);
    // Each has its own metrics: no registry is shared between them or with the host.
    let reported =
        |text: &str| text.lines().find(|line| line.contains("outcome=\"reported\"")).unwrap().to_owned();
    assert!(reported(&http.get("/one/metrics").await.text).ends_with(" 2"));
    assert!(reported(&http.get("/two/metrics").await.text).ends_with(" 1"));
    one.shutdown().await;
    http.with_json("POST", "/one/api/v1/logs/report", &report(3)).await.problem(503);
    http.get("/one/readyz").await.problem(503);
    http.with_json("POST", "/two/api/v1/logs/report", &report(3)).await.ok();
    assert_eq!(own.query_row("SELECT x FROM mine", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    // The host decides where logs go.
    assert!(!tracing::dispatcher::has_been_set());
}
