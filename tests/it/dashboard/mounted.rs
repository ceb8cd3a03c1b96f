//! Everything works the same under a host's prefix.

use crate::harness::browser::Browser;
use crate::harness::{Http, report};
use axum::Router;
use axum::routing::get;
use logcenter_server::{LogCenter, Sqlite};
use tempfile::tempdir;
use tokio::net::TcpListener;

#[tokio::test]
async fn under_a_prefix_with_a_parameter_and_a_session() {
    let folder = tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("a.db")).unwrap();
    let center = LogCenter::builder().store(store).admin_token("secret").build().await.unwrap();
    let host = Router::new()
        .route("/", get(|| async { "host" }))
        .nest_service("/t/{id}/errors", center.router::<()>());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/t/acme/errors", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, host).await.unwrap() });
    let http = Http::new(&base);
    http.report(&report(1)).await.ok();

    let browser = Browser::start().await;
    browser.goto(&base).await;
    browser.fill("#token", "secret").await;
    browser.click("main form button").await;
    browser.until_shows("h1", "Overview").await;
    browser.until("location.pathname === '/t/acme/errors'").await;
    let cookie = browser.driver.get_named_cookie("logcenter_session").await.unwrap();
    assert_eq!(cookie.path.as_deref(), Some("/t/acme/errors"));
    browser.click("header nav a[href$='/issues']").await;
    browser.until_live().await;
    http.report(&report(2)).await.ok();
    browser.until_shows("[data-news]", "1 new").await;
    browser.click("[data-news] button").await;
    browser.click("#issue-2 .type a").await;
    browser.click("#change > summary").await;
    browser.click("#state button[value=VERIFYING]").await;
    browser.until_shows("#now", "Verifying").await;
    browser.click("header nav a[href$='/connect']").await;
    browser.until_shows("#code-curl", &format!("{base}/api/v1/logs/report")).await;
    browser.is_clean().await;
    browser.quit().await;
    center.shutdown().await;
}
