//! The list: filter query, controls, keyboard, bulk changes, and issues that arrive while it is open.

use crate::harness::browser::Browser;
use crate::harness::{Center, report, with};
use serde_json::json;
use thirtyfour::prelude::*;

/// Three issues: an ordinary one, one of another project, and one of another source.
async fn three() -> Center {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    center.pass_millis(1000);
    center.report(&with(report(2), json!({"project_id": "shop_web", "environment": "staging"}))).await.ok();
    center.pass_millis(1000);
    let context = json!({"job_name": "build", "step_name": "test"});
    center
        .report(&with(report(3), json!({"source": "cicd", "level": "CRITICAL", "context": context})))
        .await
        .ok();
    center
}

#[tokio::test]
async fn a_view_is_a_link_and_the_controls_say_the_same() {
    let (center, browser) = (three().await, Browser::start().await);
    browser.goto(&format!("{}/issues", center.base)).await;
    browser.until("document.querySelectorAll('[data-rows] .row').length === 3").await;
    browser.fill("#q", "project:shop_web env:staging wrong").await;
    browser.find("#q").await.send_keys(Key::Enter).await.unwrap();
    browser.until("document.querySelectorAll('[data-rows] .row').length === 1").await;
    browser.until("new URL(location).searchParams.get('q') === 'project:shop_web env:staging wrong'").await;
    assert_eq!(browser.run("return document.querySelector('[name=project]').value").await, "shop_web");
    assert_eq!(browser.run("return document.querySelector('[name=environment]').value").await, "staging");

    // Somebody else opens the link.
    let link = browser.driver.current_url().await.unwrap();
    browser.goto(link.as_str()).await;
    browser.until_shows("[data-rows]", "shop_web").await;

    browser.goto(&format!("{}/issues", center.base)).await;
    browser.click(".controls summary").await;
    browser.find("select[name=source] option:nth-child(3)").await.click().await.unwrap();
    browser.until("new URL(location).searchParams.get('q') === 'is:open source:cicd'").await;
    browser.until_shows("[data-rows]", "CRITICAL").await;
    browser.until("document.querySelectorAll('[data-rows] .row').length === 1").await;

    // A status that no open issue has takes the place of the state.
    browser.goto(&format!("{}/issues", center.base)).await;
    browser.click(".controls summary").await;
    browser.find("select[name=status] option[value=FIXED]").await.click().await.unwrap();
    browser.until("new URL(location).searchParams.get('q') === 'status:FIXED'").await;

    browser.goto(&format!("{}/issues?q=status:OPEN", center.base)).await;
    browser.until_shows("#wrong", "status:OPEN").await;
    browser.goto(&format!("{}/issues?q=sauce:cicd+-levl:ERROR", center.base)).await;
    browser.until_shows("#wrong", "Did you mean -level:ERROR").await;
    browser.click("#wrong a[href*='%3Acicd'][href*='source']").await;
    browser.until_shows("#wrong", "-levl:ERROR").await;
    browser.click("#wrong a").await;
    browser.until("document.querySelectorAll('[data-rows] .row').length === 1").await;
    browser.until("new URL(location).searchParams.get('q') === 'source:cicd -level:ERROR'").await;
    browser.goto(&format!("{}/issues?q=nothing-like-it", center.base)).await;
    browser.until_shows(".blank", "No matching issues").await;
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_control_leaves_what_it_does_not_show() {
    let (center, browser) = (three().await, Browser::start().await);
    let query = "project:ghost -env:staging status:NEW,FIXED env:production";
    let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    browser.goto(&format!("{}/issues?q={encoded}", center.base)).await;
    browser.find("select[name=sort] option:nth-child(2)").await.click().await.unwrap();
    browser.until("new URL(location).searchParams.get('sort') === 'first_seen'").await;
    assert_eq!(browser.run("return new URL(location).searchParams.get('q')").await, query);
    browser.quit().await;
}

#[tokio::test]
async fn a_list_has_a_tab_for_each_state() {
    let (center, browser) = (three().await, Browser::start().await);
    center.force(1, "FIXED").await;
    browser.goto(&format!("{}/issues", center.base)).await;
    let current =
        "return Array.from(document.querySelectorAll('.tabs [aria-current]')).map((tab) => tab.textContent)";
    assert_eq!(browser.run(current).await, json!(["Open 2"]));
    let tabs =
        "return Array.from(document.querySelectorAll('.tabs small')).map((one) => one.textContent).join(' ')";
    assert_eq!(browser.run(tabs).await, "2 2 0 0 1 1 3");
    browser.until("document.querySelectorAll('[data-rows] .row').length === 2").await;
    browser.goto(&format!("{}/issues?q=project:shop_web", center.base)).await;
    assert_eq!(browser.run(tabs).await, "1 1 0 0 0 0 1");
    browser.goto(&format!("{}/issues?q=wrong+status:NEW", center.base)).await;
    assert_eq!(browser.run(current).await, json!([]), "a status alone is no tab");
    for (at, name, query, rows) in [
        (1, "Open", "wrong is:open", 2),
        (5, "Waiting for deploy", "wrong is:waiting-for-deploy", 1),
        (7, "All", "wrong", 3),
    ] {
        browser.click(&format!(".tabs a:nth-child({at})")).await;
        browser.until(&format!("new URL(location).searchParams.get('q') === '{query}'")).await;
        assert_eq!(browser.run(current).await, json!([name]));
        browser.until(&format!("document.querySelectorAll('[data-rows] .row').length === {rows}")).await;
    }
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn hands_stay_on_the_keyboard() {
    let (center, browser) = (three().await, Browser::start().await);
    browser.goto(&format!("{}/issues", center.base)).await;
    let body = browser.find("body").await;
    body.send_keys("j").await.unwrap();
    browser.until("document.querySelector('.row.here')?.id === 'issue-3'").await;
    let press =
        async |key: &str| browser.driver.active_element().await.unwrap().send_keys(key).await.unwrap();
    press("j").await;
    browser.until("document.querySelector('.row.here')?.id === 'issue-2'").await;
    press("k").await;
    press("x").await;
    browser.until("document.querySelector('#issue-3 input').checked").await;
    press("?").await;
    browser.until("document.querySelector('#help').open").await;
    press("\u{e00c}").await;
    browser.until("!document.querySelector('#help').open").await;
    press("/").await;
    browser.until("document.activeElement.id === 'q'").await;
    press("\t").await;
    browser.goto(&format!("{}/issues", center.base)).await;
    browser.find("body").await.send_keys("j").await.unwrap();
    browser.until("document.activeElement.closest('#issue-3')").await;
    press("\u{e007}").await;
    browser.until_shows(".crumbs", "#3").await;
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn many_are_changed_at_once_and_each_is_told() {
    let (center, browser) = (three().await, Browser::start().await);
    center.force(2, "FIXED").await;
    browser.goto(&format!("{}/issues?q=", center.base)).await;
    browser.click("#issue-1 input").await;
    browser.click("#issue-2 input").await;
    browser.until_shows("#bulk [data-chosen]", "2").await;
    browser.run("document.querySelector('#bulk [name=status]').value = 'VERIFYING'").await;
    browser.fill("#bulk [name=note]", "both, please").await;
    browser.click("#bulk button:not([name], [hidden])").await;
    browser.until_shows(".done .good", "#1 Verifying").await;
    browser.until_shows(".done .bad", "#2 Not changed").await;
    browser.until_shows("#issue-1 .state", "Verifying").await;
    assert_eq!(center.issue(1).await["status"], "VERIFYING");
    assert_eq!(center.issue(2).await["status"], "FIXED");
    let history = center.get("/api/v1/issues/1/history").await.ok();
    assert_eq!(history["history"][0]["note"], "both, please");
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn what_arrives_is_shown_without_moving_what_is_read() {
    let (center, browser) = (three().await, Browser::start().await);
    center.force(1, "FIXED").await;
    browser.goto(&format!("{}/issues?q=", center.base)).await;
    browser.until_live().await;
    browser.until_shows("#issue-1 .state", "Fixed").await;
    browser.run("window.here_since = 'the beginning'").await;
    browser.click("#issue-1 input").await;
    center.pass_millis(1000);
    center.report(&report(1)).await.ok();
    browser.until_shows("#issue-1 .state", "New").await;
    browser.until_shows("#issue-1 .place", "Regressed").await;
    browser.until_shows("#issue-1 .count", "2").await;
    let order = browser
        .run("return Array.from(document.querySelectorAll('[data-rows] .row')).map((row) => row.id)")
        .await;
    assert_eq!(order, json!(["issue-3", "issue-2", "issue-1"]));
    assert_eq!(browser.run("return document.querySelector('#issue-1 input').checked").await, true);

    center.report(&report(4)).await.ok();
    browser.until_shows("[data-news]", "1 new").await;
    browser.until_shows(".tabs", "All 4").await;
    assert_eq!(browser.run("return document.querySelectorAll('[data-rows] .row').length").await, 3);
    browser.click("[data-news] button").await;
    browser.until_shows("#issue-4", "wrong at 4").await;
    assert_eq!(browser.run("return window.here_since").await, "the beginning");

    // A filtered list announces only issues that match.
    browser.goto(&format!("{}/issues?q=project:shop_web", center.base)).await;
    browser.until_live().await;
    center.report(&report(5)).await.ok();
    center.report(&with(report(6), json!({"project_id": "shop_web"}))).await.ok();
    browser.until_shows("[data-news]", "1 new").await;
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_long_list_has_pages_and_an_order() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    for line in 1..=60 {
        center.report(&report(line)).await.ok();
        center.pass_millis(1000);
    }
    center.report(&report(7)).await.ok();
    browser.goto(&format!("{}/issues", center.base)).await;
    let ends = "const rows = Array.from(document.querySelectorAll('[data-rows] .row')); return [rows.length, rows[0].id, rows.at(-1).id]";
    assert_eq!(browser.run(ends).await, json!([50, "issue-7", "issue-12"]));
    browser.click("[rel=next]").await;
    browser.until("document.querySelectorAll('[data-rows] .row').length === 10").await;
    assert_eq!(browser.run(ends).await, json!([10, "issue-11", "issue-1"]));
    assert!(browser.run("return document.querySelector('[rel=next]')").await.is_null());
    browser.click("[rel=first]").await;
    browser.until("document.querySelectorAll('[data-rows] .row').length === 50").await;

    browser.click(".controls summary").await;
    browser.click("#by-sort option[value=count]").await;
    browser.until("new URL(location).searchParams.get('sort') === 'count'").await;
    browser.until("document.querySelector('[data-rows] .row').id === 'issue-7'").await;
    browser.click("#by-sort option[value=first_seen]").await;
    browser.until("document.querySelector('[data-rows] .row').id === 'issue-60'").await;
    // An issue that is only counted again is not announced.
    browser.goto(&format!("{}/issues?q=status:NEW", center.base)).await;
    browser.until_live().await;
    for line in [1, 60] {
        center.report(&report(line)).await.ok();
    }
    browser.until_shows("#issue-60 .count", "2").await;
    assert_eq!(browser.run("return document.querySelector('[data-news]').hidden").await, true);
    browser.goto(&format!("{}/issues?sort=first_seen", center.base)).await;
    // The next page keeps the order.
    browser.click("[rel=next]").await;
    browser.until("document.querySelector('[data-rows] .row').id === 'issue-10'").await;

    browser.goto(&format!("{}/issues?q=%22wrong+at+5%22", center.base)).await;
    browser.click("[data-all]").await;
    browser.until_shows("#bulk [data-chosen]", "11").await;
    browser.fill("#bulk [name=note]", "all of them").await;
    browser.click("#bulk [name=mark]").await;
    browser.until("document.querySelectorAll('.done .good').length === 11").await;
    assert_eq!(center.issues("status=FIXED").await.len(), 11);
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn what_enters_a_queue_is_announced_and_what_left_it_is_shown_as_it_is() {
    let (center, browser) = (three().await, Browser::start().await);
    center.force(3, "FIXED").await;
    browser.goto(&format!("{}/issues?q=status:NEW+env:production", center.base)).await;
    browser.until_live().await;
    browser.until("document.querySelectorAll('[data-rows] .row').length === 1").await;
    // The issue was seen in both environments; its latest event alone does not decide whether it matches.
    center.report(&with(report(2), json!({"project_id": "shop_web"}))).await.ok();
    center.report(&with(report(2), json!({"project_id": "shop_web", "environment": "staging"}))).await.ok();
    center.force(2, "FIXED").await;
    center.force(2, "NEW").await;
    browser.until_shows("[data-news]", "1 new").await;
    center.force(3, "NEW").await;
    browser.until_shows("[data-news]", "2 new").await;
    center.force(1, "FIXED").await;
    browser.until_shows("#issue-1 .state", "Fixed").await;
    browser.click("[data-news] button").await;
    browser.until("document.querySelectorAll('[data-rows] .row').length === 2").await;
    browser.until("document.activeElement === document.querySelector('h1')").await;
    assert!(browser.run("return document.querySelector('#issue-1')").await.is_null());
    browser.is_clean().await;
    browser.quit().await;
}
