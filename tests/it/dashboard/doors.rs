//! Login, logout, links from elsewhere, languages, small screens.

use crate::harness::browser::Browser;
use crate::harness::{Center, Options, report};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use thirtyfour::prelude::*;
use tokio::net::TcpListener;

const TOKEN: &str = "correct horse";

#[tokio::test]
async fn a_session_begins_with_the_token_and_ends() {
    let center = Center::start_with(Options { admin_token: Some(TOKEN), ..Options::default() }).await;
    let browser = Browser::start().await;
    center.report(&report(1)).await.ok();
    browser.goto(&format!("{}/issues/1?event=1", center.base)).await;
    browser.until_shows("h1", "Log in").await;
    browser.fill("#token", "wrong").await;
    browser.click("main form button").await;
    browser.until_shows("#wrong", "not the token").await;
    browser.fill("#token", TOKEN).await;
    browser.click("main form button").await;
    browser.until_shows(".body .notice", "This is event 1.").await;
    browser.until_live().await;
    let cookie = browser.driver.get_named_cookie("logcenter_session").await.unwrap();
    assert_eq!((cookie.same_site, cookie.secure), (Some(SameSite::Strict), Some(false)));
    assert_eq!(browser.run("return document.cookie").await, "");

    // Who follows a link from another site is shown the page, and need not log in again.
    let page = format!(
        "<!doctype html><title>mail</title><link rel=icon href=data:,><a href=\"{}/issues/1\">look</a>",
        center.base
    );
    let mail = Router::new().route("/", get(move || async move { Html(page) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, mail).await.unwrap() });
    browser.goto(&format!("http://localhost:{port}/")).await;
    browser.click("a").await;
    browser.until_shows("h1", "ValueError").await;

    browser.is_clean().await;
    browser.click("form[action$='/logout'] button").await;
    browser.until_shows("h1", "Log in").await;
    browser.goto(&format!("{}/issues", center.base)).await;
    browser.until_shows("h1", "Log in").await;
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn both_languages_on_a_small_screen() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    center.report(&report(1)).await.ok();
    let pages = [
        "/",
        "/issues",
        "/issues?q=status:NEW",
        "/issues/1",
        "/projects",
        "/projects/rtc_backend",
        "/connect",
    ];
    browser.resize(360, 780).await;
    for (language, words) in [
        ("zh-CN,zh;q=0.9,en;q=0.5", ["概览", "问题", "项目", "接入"]),
        ("en", ["Overview", "Issues", "Projects", "Connect"]),
    ] {
        browser.language(language).await;
        for page in pages {
            browser.goto(&format!("{}{page}", center.base)).await;
            for word in words {
                browser.until_shows("header nav", word).await;
            }
            browser.is_clean().await;
        }
    }
    browser.click("footer button[value=zh-CN]").await;
    browser.until_shows("h1", "接入").await;
    assert_eq!(browser.run("return document.documentElement.lang").await, "zh-CN");
    browser.goto(&format!("{}/issues/1", center.base)).await;
    browser.until_shows("#state", "标记为已修复").await;
    assert!(browser.find("time").await.text().await.unwrap().chars().any(|c| c > '\u{2fff}'));
    browser.is_clean().await;
    browser.quit().await;
}
