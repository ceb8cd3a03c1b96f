//! The overview updating while it is open, and its charts.

use crate::harness::browser::Browser;
use crate::harness::{Center, report, with};
use serde_json::{Value, json};

async fn order(browser: &Browser) -> Value {
    browser.run("return Array.from(document.querySelectorAll('.row')).map((row) => row.dataset.id)").await
}

#[tokio::test]
async fn what_is_read_is_not_moved_away() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    for line in [1, 1, 2] {
        center.report(&report(line)).await.ok();
        center.pass_millis(1000);
    }
    browser.goto(&format!("{}/", center.base)).await;
    browser.until_live().await;
    assert_eq!(order(&browser).await, json!(["2", "1", "1", "2"]));
    // The focus is on the second list's second issue, which is in the first list too.
    let at = "Array.from(document.querySelectorAll('.row a')).indexOf(document.activeElement)";
    browser.run("document.querySelectorAll('.row a')[3].focus()").await;
    center.report(&report(1)).await.ok();
    browser
        .until("document.querySelectorAll('.row')[2].querySelector('.count strong').textContent === '3'")
        .await;
    assert_eq!(browser.run(&format!("return {at}")).await, 3);
    assert_eq!(browser.run("return document.querySelector('[data-news]').hidden").await, true);

    center.report(&with(report(3), json!({"level": "CRITICAL"}))).await.ok();
    browser.until_shows("#totals", "3").await;
    browser.until_shows("[data-news]", "Updates available").await;
    assert_eq!(order(&browser).await, json!(["2", "1", "1", "2"]));
    assert_eq!(browser.run(&format!("return {at}")).await, 3);
    browser.click("[data-news] button").await;
    browser.until("document.querySelectorAll('.row').length === 6").await;
    assert_eq!(order(&browser).await[0], "3");
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn charts_tell_their_numbers_to_everybody() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    let job = json!({"source": "cicd", "context": {"job_name": "build", "step_name": "test"}});
    for count in [2, 3] {
        center.report(&with(report(1), json!({"count": count}))).await.ok();
        center.report(&with(report(2), job.clone())).await.ok();
        center.pass_millis(2 * 60 * 60 * 1000);
    }
    let page = center.get("/").await.text;
    // At 02:00 two and one, at 04:00 three and one: each bar with its segments, the highest at full height.
    for title in ["2026-01-02 02:00 UTC: runtime 2, cicd 1", "2026-01-02 04:00 UTC: runtime 3, cicd 1"] {
        assert!(page.contains(&format!("<title>{title}</title>")), "{title}: {page}");
    }
    assert!(page.contains("class=\"bar cicd\"") && page.contains("7 total; "), "{page}");
    let issue = center.get("/issues/1").await.text;
    assert!(issue.contains("<title>2026-01-02 03:00 UTC: 2</title>"), "{issue}");
    assert!(issue.contains("<title>2026-01-02 UTC: 5</title>") && issue.contains("5 total; "), "{issue}");

    browser.devtools("Emulation.setTimezoneOverride", json!({"timezoneId": "Asia/Shanghai"})).await;
    browser.goto(&format!("{}/issues/1", center.base)).await;
    browser.until("document.querySelector('svg title').textContent.includes('11:00')").await;
    let exact = browser.run("return document.querySelector('#facts time').title").await;
    assert!(
        exact.as_str().unwrap().contains("January 2, 2026") && exact.as_str().unwrap().contains("GMT+8"),
        "{exact}"
    );
    browser.is_clean().await;
    browser.quit().await;
}
