//! What was deployed when: on the project's page and in the charts of its issues.

use crate::harness::browser::Browser;
use crate::harness::{Center, program, report};
use serde_json::json;
use std::process::Command;

const HOUR: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_shows_what_was_deployed_and_how_to_report_it() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    center.report(&report(1)).await.ok();
    let repository = json!({"repo_url": "https://git.example.com/team/rtc.git"});
    center.with_json("PUT", "/api/v1/projects/rtc_backend", &repository).await.ok();
    let page = format!("{}/projects/rtc_backend", center.base);
    browser.goto(&page).await;
    let command = browser.text("#report-deployment").await;
    let shell =
        Command::new("bash").args(["-c", &format!("{command} --fail")]).current_dir(program::root()).output();
    assert!(shell.as_ref().unwrap().status.success(), "{command}: {shell:?}");

    center.patch(1, &json!({"status": "VERIFIED", "force": true, "note": "n"})).await.ok();
    for (version, commit) in [("1.1.0", "c0ffee0"), ("<1.2>", "decade0")] {
        center.pass_millis(HOUR);
        let deployment = json!({"project_id": "rtc_backend", "environment": "production", "version": version,
            "commit_hash": commit});
        center.with_json("POST", "/api/v1/deployments", &deployment).await.ok();
    }
    browser.goto(&page).await;
    let rows = "return Array.from(document.querySelectorAll('[aria-labelledby=deployments] tbody tr'))
        .map((row) => Array.from(row.children).slice(1).map((cell) => cell.textContent.trim()))";
    assert_eq!(
        browser.run(rows).await,
        json!([
            ["<1.2>", "production", "Compare with previous", "–"],
            ["1.1.0", "production", "Compare with previous", "#1"],
            ["1.0.0", "production", "–", "–"],
        ])
    );
    let links =
        "return Array.from(document.querySelectorAll('[aria-labelledby=deployments] tbody tr:first-child a'))
        .map((link) => link.href)";
    assert_eq!(
        browser.run(links).await,
        json!([
            "https://git.example.com/team/rtc/commit/decade0",
            "https://git.example.com/team/rtc/compare/c0ffee0...decade0"
        ])
    );
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn charts_of_an_issue_mark_what_was_deployed() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    let deploy = async |project: &str, version: Option<&str>| {
        let deployment = json!({"project_id": project, "environment": "production", "version": version,
            "commit_hash": "0123456789abcdef"});
        center.with_json("POST", "/api/v1/deployments", &deployment).await.ok();
    };
    deploy("rtc_backend", Some("0.9")).await;
    center.pass_millis(50 * HOUR);
    deploy("rtc_backend", Some("<1.0>")).await;
    deploy("rtc_backend", None).await;
    deploy("other", Some("7")).await;
    center.report(&report(1)).await.ok();
    browser.goto(&format!("{}/issues/1", center.base)).await;
    let marks = "return Array.from(document.querySelectorAll('#facts svg')).map((chart) =>
        Array.from(chart.querySelectorAll('.mark title')).map((title) => title.textContent))";
    let (old, new) = (
        "Deployment 0.9 → production: 2026-01-02 03:04 UTC",
        "Deployment <1.0> → production: 2026-01-04 05:04 UTC\nDeployment 0123456789ab → production: 2026-01-04 05:04 UTC",
    );
    assert_eq!(browser.run(marks).await, json!([[new], [old, new]]));
    let label = browser.run("return document.querySelector('#facts svg').getAttribute('aria-label')").await;
    assert!(label.as_str().unwrap().ends_with("Deployments: 1"), "{label}");
    assert!(browser.text("#facts figcaption").await.contains("Deployments"));
    browser.is_clean().await;
    browser.quit().await;
}
