//! How much is on a screen, and how far away what is needed is.

use crate::harness::browser::Browser;
use crate::harness::demo::Demo;
use thirtyfour::prelude::*;

#[tokio::test]
async fn eleven_issues_are_on_a_screen_and_five_on_a_phone() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    for (width, height, least) in [(1440, 900, 11), (390, 844, 5)] {
        browser.resize(width, height).await;
        browser.goto(&format!("{}/issues", demo.dashboard)).await;
        browser.until(&format!("document.querySelectorAll('.row').length > {least}")).await;
        let whole = "return Array.from(document.querySelectorAll('.row')).filter((row) => \
            row.getBoundingClientRect().bottom <= innerHeight).length";
        let rows = browser.run(whole).await;
        assert!(rows.as_u64() >= Some(least), "{rows} of {least} issues at {width} x {height}");
        browser.is_clean().await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn what_changes_an_issue_is_at_hand() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser.resize(390, 844).await;
    browser.goto(&format!("{}/issues/3", demo.dashboard)).await;
    let seen = "document.querySelector('#change > summary').getBoundingClientRect().bottom < innerHeight / 2";
    browser.until(seen).await;
    browser.is_clean().await;

    browser.resize(1440, 900).await;
    browser.goto(&format!("{}/issues/3", demo.dashboard)).await;
    let mut pressed = 0;
    for wanted in ["#change > summary", "#note"] {
        let is_there = format!("return document.activeElement.matches({wanted:?})");
        while browser.run(&is_there).await != true {
            browser.driver.active_element().await.unwrap().send_keys(Key::Tab).await.unwrap();
            pressed += 1;
            assert!(pressed <= 10, "{wanted} is more than ten presses away");
        }
        if wanted != "#note" {
            browser.driver.active_element().await.unwrap().send_keys(Key::Enter).await.unwrap();
        }
    }
    browser.driver.active_element().await.unwrap().send_keys(Key::Escape).await.unwrap();
    browser
        .until(
            "document.activeElement.matches('#change > summary') && !document.querySelector('#change').open",
        )
        .await;
    browser.quit().await;
}
