//! A fresh installation, and the projects page.

use crate::harness::browser::Browser;
use crate::harness::{Center, report};
use std::process::Command;

#[tokio::test]
async fn a_fresh_install_shows_how_to_begin_and_turns_into_the_list() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    browser.goto(&center.base).await;
    browser.until_shows("#overview", "No events yet").await;
    browser.until_live().await;
    // Unchanged content is not replaced while the user is about to click it.
    let stays = "const page = document.querySelector('#overview'); return renew('overview').then(() => page.isConnected)";
    assert_eq!(browser.run(stays).await, true);
    browser.click("#overview .blank .primary").await;
    browser.until_live().await;
    let example = browser.text("#example").await;
    let output =
        tokio::task::spawn_blocking(move || Command::new("sh").arg("-c").arg(example).output().unwrap());
    let output = output.await.unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("Log reported"), "{output:?}");
    browser.until_shows("#issue-1 .type", "HelloError").await;
    browser.until_shows("#issue-1 .place", "hello.rs:1").await;
    browser.click("#issue-1 .type a").await;
    browser.until_shows("h1", "HelloError").await;
    browser.is_clean().await;
    browser.goto(&center.base).await;
    browser.until_shows("#overview .totals", "Open issues").await;
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_project_is_added_edited_and_connected() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    browser.goto(&format!("{}/projects", center.base)).await;
    browser.until_shows("main", "No projects yet").await;
    browser.fill("#project_id", "shop_api").await;
    browser.click("form.line button").await;
    browser.until_shows("h1", "shop_api").await;
    browser.fill("#name", "Shop <API>").await;
    browser.fill("#repo_url", "https://git.example.com/team/shop.git").await;
    browser.fill("#local_path", "/srv/shop").await;
    browser.run("document.querySelector('#regression_rule').value = 'new_release'").await;
    browser.click("form.stacked .primary").await;
    browser.until_shows(".notice", "Saved").await;
    let project = center.get("/api/v1/projects/shop_api").await.ok();
    assert_eq!(project["name"], "Shop <API>");
    assert_eq!(project["regression_rule"], "new_release");
    assert_eq!(project["complete"], true);

    browser.click("form[action$='/keys'] button").await;
    let key = browser.text("#new-key").await;
    assert!(key.starts_with("lck_"), "{key}");
    center
        .bearer(&key)
        .with_json(
            "POST",
            "/api/v1/logs/report",
            &crate::harness::with(report(1), serde_json::json!({"project_id": "shop_api"})),
        )
        .await
        .ok();
    assert_eq!(center.issue(1).await["trusted"], true);
    browser.goto(&format!("{}/projects/shop_api", center.base)).await;
    browser.until("document.querySelector('#new-key') === null").await;
    browser.click(".keylist summary").await;
    browser.click(".keylist button").await;
    browser.until("document.querySelectorAll('.keylist li').length === 0").await;
    browser.is_clean().await;

    browser.goto(&format!("{}/connect?project=shop_api", center.base)).await;
    let snippet = browser.text("#code-rust-init").await;
    assert!(snippet.contains(&format!("\"{}\", \"shop_api\"", center.base)), "{snippet}");
    assert!(!browser.text("main").await.contains("your_project_id"));
    browser.is_clean().await;
    browser.quit().await;
}
