//! Runs axe-core on every page, in both themes.

use super::weight::heavy;
use crate::harness::Process;
use crate::harness::browser::Browser;
use crate::harness::demo::Demo;
use crate::harness::tools;
use serde_json::Value;

#[tokio::test]
async fn axe_finds_nothing_serious() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    let axe = std::fs::read_to_string(tools::axe()).unwrap();
    let api = crate::harness::Http::new(&demo.api);
    let heavy = api.report(&heavy(1)).await.ok()["id"].clone();
    let issues: Value = api.get("/api/v1/issues?limit=200").await.ok();
    let mut pages: Vec<String> = [
        "/",
        "/issues",
        "/issues?q=status:NEW+source:cicd",
        "/issues?q=none-like-it",
        "/projects",
        "/projects/shop_api",
        "/connect",
        "/issues/999",
    ]
    .map(Into::into)
    .into();
    pages.extend([
        format!("/issues/{heavy}"),
        format!("/issues/{heavy}?whole=1"),
        "/issues?q=project:rtc_backend".into(),
    ]);
    // One issue per source: they share a template.
    for source in ["runtime", "cicd", "deployment"] {
        let issue =
            issues["issues"].as_array().unwrap().iter().find(|issue| issue["source"] == source).unwrap();
        pages.push(format!("/issues/{}", issue["id"]));
    }
    let mut pages: Vec<String> = pages.into_iter().map(|page| format!("{}{page}", demo.dashboard)).collect();
    let database = tempfile::tempdir().unwrap();
    let guarded = Process::start_with(database.path(), &["--admin-token", "secret"]);
    pages.push(format!("{}/login", guarded.dashboard.base));
    for theme in ["light", "dark"] {
        browser.theme(theme).await;
        for page in &pages {
            browser.goto(page).await;
            browser.find("main").await;
            browser.run("document.querySelectorAll('.menu').forEach((menu) => { menu.open = true })").await;
            browser.run(&axe).await;
            let run = "const done = arguments[0]; axe.run({ resultTypes: ['violations'] }).then((result) => done(result.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes.map((node) => node.html + ' ' + node.any.map((any) => any.message)).join(' | ')}`)))";
            let found = browser.driver.execute_async(run, vec![]).await.unwrap();
            assert_eq!(found.json().as_array().unwrap().len(), 0, "{theme} {page}: {:#}", found.json());
        }
    }
    browser.quit().await;
}
