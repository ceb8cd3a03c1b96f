//! Login, logout, links from other sites, languages, small screens.

use crate::harness::browser::Browser;
use crate::harness::{Center, Options, Process, report};
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
    browser.until_shows("#wrong", "Incorrect token").await;
    browser.fill("#token", TOKEN).await;
    browser.click("main form button").await;
    browser.until_shows(".pager", "Event 1").await;
    browser.until_live().await;
    let cookie = browser.driver.get_named_cookie("logcenter_session").await.unwrap();
    assert_eq!((cookie.same_site, cookie.secure), (Some(SameSite::Strict), Some(false)));
    assert_eq!(browser.run("return document.cookie").await, "");

    // Following a link from another site shows the page without a new login.
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
        ("zh-CN,zh;q=0.9,en;q=0.5", ["概览", "问题", "项目", "接入指南"]),
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
    browser.until_shows("h1", "接入指南").await;
    assert_eq!(browser.run("return document.documentElement.lang").await, "zh-CN");
    browser.goto(&format!("{}/issues/1", center.base)).await;
    browser.until_shows("#change", "变更状态").await;
    assert!(browser.text("time").await.chars().any(|c| c > '\u{2fff}'));
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn many_tabs_do_not_stand_in_each_others_way() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    center.report(&report(1)).await.ok();
    for _ in 0..9 {
        browser.goto(&format!("{}/issues/1", center.base)).await;
        browser.until_live().await;
        browser.is_clean().await;
        let tab = browser.driver.new_tab().await.unwrap();
        browser.driver.switch_to_window(tab).await.unwrap();
    }
    browser.quit().await;
}

#[tokio::test]
async fn without_scripts_everything_can_be_done() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    for line in 1..=3 {
        center.report(&report(line)).await.ok();
    }
    browser.scripts(false).await;
    browser.goto(&format!("{}/issues", center.base)).await;
    browser.fill("#q", "wrong at 2").await;
    browser.click("form.line button").await;
    browser.click("#issue-2 .type a").await;
    browser.click("#change > summary").await;
    browser.fill("#note", "by hand").await;
    browser.click("#state button[value=VERIFYING]").await;
    let shows = async |css: &str, text: &str| {
        crate::harness::eventually(text, || async {
            let element = browser.driver.find(By::Css(css)).await.ok()?;
            element.text().await.ok()?.contains(text).then_some(())
        })
        .await;
    };
    shows("#now", "Verifying").await;
    shows(".history", "by hand").await;
    browser.goto(&format!("{}/issues?q=", center.base)).await;
    browser.click("#issue-1 input").await;
    browser.click("#issue-3 input").await;
    browser.fill("#bulk-note", "both").await;
    browser.click("#bulk button[value=fixed]").await;
    shows(".done", "#1 Fixed").await;
    shows(".done", "#3 Fixed").await;
    // Marking it again changes nothing.
    browser.click("#issue-1 input").await;
    browser.fill("#bulk-note", "again").await;
    browser.click("#bulk button[value=fixed]").await;
    shows(".done .bad", "#1 Not changed").await;
    browser.click("footer button[value=zh-CN]").await;
    shows("h1", "问题").await;
    browser.quit().await;
}

#[tokio::test]
async fn what_came_while_the_server_was_away_is_told_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start().await;
    let dashboard = {
        let server = Process::start(folder.path());
        server.report(&report(1)).await.ok();
        browser.goto(&format!("{}/issues", server.dashboard.base)).await;
        browser.until_live().await;
        browser.click("#issue-1 input").await;
        server.dashboard.base.clone()
    };
    browser.until_shows("#live", "Live updates disconnected").await;
    let address = dashboard.strip_prefix("http://").unwrap();
    {
        let meanwhile = Process::start(folder.path());
        meanwhile.report(&report(1)).await.ok();
        meanwhile.report(&report(2)).await.ok();
        assert!(meanwhile.terminate().success());
    }
    let _server = Process::start_with(folder.path(), &["--dashboard-listen", address]);
    browser.until_shows("[data-news]", "1 new").await;
    browser.until_shows("#issue-1 .count", "2").await;
    assert_eq!(browser.run("return document.querySelector('#issue-1 input').checked").await, true);
    browser.quit().await;
}
