//! The repair of an issue, as a person follows and orders it.

use crate::harness::browser::Browser;
use crate::harness::{Center, report, with};
use serde_json::{Value, json};

/// An issue that an agent holds, and the token of its lease.
async fn claimed(center: &Center) -> String {
    let wanted = json!({"worker": "agent <1>", "statuses": ["NEW", "PENDING_FIX", "FIX_FAILED"], "lease_seconds": 600});
    let claim = center.with_json("POST", "/api/v1/issues/claim", &wanted).await.ok();
    claim["lease"]["token"].as_str().unwrap().to_owned()
}

async fn attempt(center: &Center, lease: &str, fields: Value) -> i64 {
    let fields = with(fields, json!({"lease_token": lease}));
    let answer = center.with_json("POST", "/api/v1/issues/1/attempts", &fields).await.ok();
    answer["id"].as_i64().unwrap()
}

async fn moves(center: &Center, lease: &str, status: &str) {
    center.patch(1, &json!({"status": status, "lease_token": lease})).await.ok();
}

#[tokio::test]
async fn a_person_sends_an_issue_stops_the_agent_and_tries_again_with_a_hint() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    let browser = Browser::start().await;
    let page = format!("{}/issues/1", center.base);
    browser.goto(&page).await;
    browser.until_shows("#repair", "No agent has worked on this issue").await;
    browser.until_shows("#repair pre", "logcenter repair run").await;
    browser.click(".verbs form[action$=repair] button").await;
    browser.until_shows("#repair", "First in the queue").await;

    let lease = claimed(&center).await;
    browser.goto(&page).await;
    browser.until_shows("#repair .working", "agent <1> is working · attempt 1").await;
    assert_eq!(
        browser.run("return document.querySelectorAll('.verbs form[action$=repair]').length").await,
        0
    );
    // The test's clock is in the past, so there is nothing left to count down.
    browser.until_shows("#repair .working time", "0:00 left").await;
    browser.until_shows("#repair .steps", "Verifying").await;
    browser.goto(&format!("{}/issues", center.base)).await;
    browser.until_shows(".row .place", "agent <1>").await;
    browser.goto(&page).await;
    browser.click("#repair .working button").await;
    browser.until_shows("#repair .working", "Stopping").await;
    attempt(&center, &lease, json!({"stage": "verify", "reason": "no <compiler>"})).await;
    let release = json!({"lease_token": lease});
    assert_eq!(center.with_json("POST", "/api/v1/issues/1/release", &release).await.status, 204);

    browser.goto(&page).await;
    browser.until_shows("#repair table", "Cancelled").await;
    browser.until_shows("#repair .reason", "no <compiler>").await;
    browser.until_shows("#repair", "Offered to agents again").await;
    browser.fill("#hint", "look at the cache").await;
    browser.click("#repair form.stacked button").await;
    browser.until_shows("#repair", "First in the queue").await;
    let wanted = json!({"worker": "a", "statuses": ["NEW"], "lease_seconds": 60});
    let claim = center.with_json("POST", "/api/v1/issues/claim", &wanted).await.ok();
    assert_eq!(claim["hint"], "look at the cache");
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_patch_is_read_and_approved() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    let lease = claimed(&center).await;
    moves(&center, &lease, "PENDING_FIX").await;
    moves(&center, &lease, "FIXING").await;
    let diff = "--- a/orders.py\n+++ b/orders.py\n@@ -1,2 +1,2 @@\n-    return <b>1</b>\n+    return 2\n";
    let artifacts = json!([{"kind": "diff", "text": diff}, {"kind": "test_after", "text": "9 passed\n"},
        {"kind": "prompt", "text": "x".repeat(200 * 1024)}]);
    let fixed = json!({"stage": "fix", "verdict": "fixed", "artifacts": artifacts, "cost": {"usd": 0.314}});
    let id = attempt(&center, &lease, fixed).await;
    let release = json!({"lease_token": lease});
    assert_eq!(center.with_json("POST", "/api/v1/issues/1/release", &release).await.status, 204);

    let browser = Browser::start().await;
    browser.goto(&format!("{}/issues/1", center.base)).await;
    browser.until_shows("#repair", "The last attempt waits for you").await;
    browser.until_shows("#repair table", "$0.31").await;
    browser.click("#repair table a").await;
    browser.until_shows(".diff .del", "return <b>1</b>").await;
    browser.until_shows(".diff .add", "return 2").await;
    browser.until_shows("article", "Show full content").await;
    let shown = "return document.querySelector('.diff').innerText.split('\\n').map((line) => line.trimEnd()).join('\\n').trim()";
    assert_eq!(browser.run(shown).await, diff.trim());
    browser.click("form button.primary").await;
    browser.until_shows("#repair", "First in the queue").await;
    let wanted = json!({"worker": "a", "statuses": ["PENDING_FIX"], "lease_seconds": 60});
    let claim = center.with_json("POST", "/api/v1/issues/claim", &wanted).await.ok();
    assert_eq!(claim["approved_attempt"]["id"], id);

    // Nothing is approved twice, and nothing that waits no more offers it.
    browser.goto(&format!("{}/attempts/{id}", center.base)).await;
    assert_eq!(browser.run("return document.querySelectorAll('form button.primary').length").await, 0);
    for path in ["/attempts/99", "/attempts/x"] {
        assert_eq!(center.get(path).await.status, 404);
    }
    browser.is_clean().await;
    browser.quit().await;
}
