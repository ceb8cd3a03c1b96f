//! One issue: reading it, changing it, and changes by somebody else.

use crate::harness::browser::Browser;
use crate::harness::{Center, report, with};
use serde_json::json;

async fn one() -> (Center, Browser) {
    let center = Center::start().await;
    let project = json!({"repo_url": "git@gitea.example.com:team/rtc.git"});
    center.with_json("PUT", "/api/v1/projects/rtc_backend", &project).await.ok();
    let stack = "Traceback (most recent call last):\n  File \"/usr/lib/python3/dist-packages/django/core.py\", line 5, in inner\n    return get(request)\n  File \"/usr/lib/python3/dist-packages/django/base.py\", line 9, in outer\n    return call()\n  File \"apps/users/views.py\", line 42, in get_user\n    id = int(raw)\nValueError: no";
    let error = json!({"type": "ValueError", "message": "no", "file_path": "apps/users/views.py", "line_number": 42, "stack_trace": stack});
    let context = json!({"zone": "b", "url": "https://shop.example/users/abc", "method": "GET"});
    center
        .report(&with(report(42), json!({"error": error, "context": context, "commit_hash": "c0ffee12345"})))
        .await
        .ok();
    (center, Browser::start().await)
}

#[tokio::test]
async fn the_stack_is_the_page() {
    let (center, browser) = one().await;
    browser.goto(&format!("{}/issues/1", center.base)).await;
    browser.until_shows("h1", "ValueError").await;
    let href = "https://gitea.example.com/team/rtc/src/commit/c0ffee12345/apps/users/views.py#L42";
    assert_eq!(browser.run("return document.querySelector('.failing a').href").await, href);
    assert_eq!(browser.run("return document.querySelector('.frame.own a').href").await, href);
    browser.until_shows(".frame.own", "in get_user").await;
    browser.until_shows(".library summary", "4 library frames").await;
    assert_eq!(browser.run("return document.querySelector('.library').open").await, false);
    browser.click("[data-unfold]").await;
    browser.until("document.querySelector('.library').open").await;
    let keys = browser
        .run("return Array.from(document.querySelectorAll('.context th')).map((one) => one.innerText)")
        .await;
    assert_eq!(keys, json!(["method", "url", "zone"]));

    browser.run("navigator.clipboard.writeText = async (text) => { window.copied = text }").await;
    browser.click("#share > summary").await;
    browser.click("[data-copy=curl]").await;
    browser.until("window.copied?.startsWith('curl ')").await;
    assert_eq!(browser.run("return window.copied").await, format!("curl '{}/api/v1/issues/1'", center.base));
    browser.click("[data-copy=request]").await;
    browser.until("window.copied === \"curl -g -X GET 'https://shop.example/users/abc'\"").await;
    browser.click("[data-fetch*='/stack']").await;
    browser.until("window.copied.startsWith('Traceback (most recent call last):\\n') && window.copied.endsWith('ValueError: no')").await;
    browser.click("#share > summary").await;
    browser.click("[data-fetch*='/markdown']").await;
    browser.until("window.copied.startsWith('# ValueError')").await;
    let markdown = browser.run("return window.copied").await;
    for part in ["apps/users/views.py:42", "File \"apps/users/views.py\", line 42", "\"zone\": \"b\""] {
        assert!(markdown.as_str().unwrap().contains(part), "{markdown}");
    }
    assert_eq!(center.get("/issues/1/json").await.ok(), center.issue(1).await);
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn events_are_looked_at_one_by_one() {
    let (center, browser) = one().await;
    center.pass_millis(1000);
    let error = json!({"type": "ValueError", "message": "still no", "file_path": "apps/users/views.py", "line_number": 42});
    center
        .report(&with(report(42), json!({"error": error, "version": "2.0", "context": {"zone": "c"}})))
        .await
        .ok();
    browser.goto(&format!("{}/issues/1", center.base)).await;
    for text in ["Message: still no", "Version: 2.0", "Context: zone, "] {
        browser.until_shows(".events tbody tr:first-child .differs", text).await;
    }
    browser.click(".events tbody tr:last-child th a").await;
    browser.until_shows(".pager", "Event 1").await;
    browser.until("!document.querySelector('.pager a[rel=prev]')").await;
    browser.until_shows(".stack", "in get_user").await;
    browser.click(".pager .latest").await;
    browser.until_shows(".message.full", "still no").await;
    assert_eq!(center.get("/issues/1?event=7").await.status, 404);
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn the_buttons_are_what_is_allowed_and_a_stale_page_changes_nothing() {
    let (center, browser) = one().await;
    browser.goto(&format!("{}/issues/1", center.base)).await;
    let buttons = "return Array.from(document.querySelectorAll('#state button:not([hidden])')).map((one) => one.textContent)";
    assert_eq!(browser.run(buttons).await, json!(["Start verifying", "Mark as fixed"]));
    browser.click("#change > summary").await;
    browser.fill("#note", "I look at it").await;
    browser.fill("#actor", "Lin").await;
    browser.click("#state button[value=VERIFYING]").await;
    browser.until_shows("#now", "Verifying").await;
    browser.until_shows(".history", "I look at it").await;
    browser.until_shows(".history .by", "Lin").await;
    assert_eq!(
        browser.run(buttons).await,
        json!(["Needs a fix", "Can’t reproduce", "Back to new", "Mark as fixed"])
    );
    browser.until("document.querySelector('#actor').value === 'Lin'").await;
    browser.until_live().await;

    browser.click("#change > summary").await;
    browser.fill("#note", "mine").await;
    center.patch(1, &json!({"status": "PENDING_FIX", "actor": "Maria"})).await.ok();
    browser.until_shows("[data-news]", "The status was changed").await;
    browser.until_shows("#now", "Verifying").await;
    browser.click("#state button[value=CANNOT_REPRODUCE]").await;
    browser.until_shows("[role=alert]", "Not saved: the status was changed to Needs fix").await;
    browser.until("document.querySelector('#note').value === 'mine'").await;
    assert_eq!(center.issue(1).await["status"], "PENDING_FIX");
    // Somebody else made the same change first: that is reported too.
    center.patch(1, &json!({"status": "FIXED", "force": true, "note": "done"})).await.ok();
    browser.click("#state button[value=fixed]").await;
    browser.until_shows("[role=alert]", "Not saved: the status was changed to Fixed").await;
    center.patch(1, &json!({"status": "NEW", "force": true, "note": "again"})).await.ok();
    browser.goto(&format!("{}/issues/1", center.base)).await;
    browser.until_live().await;

    browser.click("#change > summary").await;
    browser.fill("#note", " ").await;
    browser.fill("#commit", "abc1234").await;
    browser.click("#state button[value=fixed]").await;
    browser.until_shows("#now", "Fixed").await;
    browser.until_shows(".history", "Fixed in abc1234").await;
    let history = center.get("/api/v1/issues/1/history").await.ok();
    assert_eq!(history["history"][0]["forced"], true);
    assert_eq!(history["history"][0]["commit_hash"], "abc1234");

    center.pass_millis(1000);
    center.report(&report(42)).await.ok();
    browser.until_shows("[data-news]", "The status was changed").await;
    browser.until_shows("#facts [data-count]", "2").await;
    browser.click("[data-news] a").await;
    browser.until_shows("#now", "New").await;
    browser.until_shows("#now", "Regressed").await;
    browser.until_shows(".history", "Regression detected").await;
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_the_page_stays() {
    let (center, browser) = one().await;
    browser.goto(&format!("{}/issues/1", center.base)).await;
    browser.until_live().await;
    browser.click("#change > summary").await;
    browser.click("#state button[value=fixed]").await;
    browser.until_shows("#state [role=alert]", "Add a note or a commit").await;
    browser.until_shows(".stack", "in get_user").await;
    assert_eq!(center.issue(1).await["status"], "NEW");
    // Typed text is kept when somebody else's change is shown.
    browser.fill("#note", "half a sentence").await;
    center.patch(1, &json!({"status": "VERIFYING"})).await.ok();
    browser.until_shows("[data-news]", "The status was changed").await;
    browser.click("[data-news] a").await;
    browser.until_shows("#now", "Verifying").await;
    browser.until("document.querySelector('#note').value === 'half a sentence'").await;
    browser.quit().await;
}

#[tokio::test]
async fn older_events_and_long_histories_are_a_link_away() {
    let (center, browser) = one().await;
    for version in 2..=25 {
        center.report(&with(report(42), json!({"version": version.to_string()}))).await.ok();
    }
    for status in ["VERIFYING", "NEW"].repeat(20) {
        center.force(1, status).await;
    }
    browser.goto(&format!("{}/issues/1", center.base)).await;
    let ends = "const rows = Array.from(document.querySelectorAll('.events tbody th')); return [rows.length, rows[0].innerText, rows.at(-1).innerText]";
    assert_eq!(browser.run(ends).await, json!([20, "25", "6"]));
    browser.click("a[href*='before=6']").await;
    browser.until("document.querySelector('.events tbody th').innerText === '5'").await;
    assert_eq!(browser.run(ends).await, json!([5, "5", "1"]));
    browser.click(".pages a").await;
    browser.until("document.querySelector('.events tbody th').innerText === '25'").await;
    assert_eq!(browser.run("return document.querySelectorAll('.history > li').length").await, 31);
    browser.click("a[href*='whole=1']").await;
    browser.until("document.querySelectorAll('.history > li').length === 41").await;
    browser.is_clean().await;
    browser.quit().await;
}

#[tokio::test]
async fn where_a_pipeline_failed_and_which_pod_fell_comes_first() {
    let center = Center::start().await;
    let run = json!({"job_name": "build", "step_name": "test", "run_url": "https://git.example.com/a/b/actions/runs/7"});
    center.report(&with(report(1), json!({"source": "cicd", "context": run}))).await.ok();
    let pod = json!({"namespace": "shop", "deployment_name": "api", "pod_name": "api-7c9d", "container_name": "web", "restart_count": 5});
    center.report(&with(report(2), json!({"source": "deployment", "context": pod}))).await.ok();
    let arose = async |id| {
        let page = center.get(&format!("/issues/{id}")).await.text;
        let facts = page.split("<dl class=\"arose\">").nth(1).unwrap().split("</dl>").next().unwrap();
        facts.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let pipeline = arose(1).await;
    assert!(pipeline.contains("<a href=\"https://git.example.com/a/b/actions/runs/7\""), "{pipeline}");
    let fell = arose(2).await;
    for (name, value) in
        [("namespace", "shop"), ("pod_name", "api-7c9d"), ("container_name", "web"), ("restart_count", "5")]
    {
        assert!(fell.contains(&format!("<dt>{name}</dt> <dd><bdi>{value}</bdi></dd>")), "{name}: {fell}");
    }
}

#[tokio::test]
async fn an_issue_that_is_gone_says_so() {
    let (center, browser) = one().await;
    browser.goto(&format!("{}/issues/1", center.base)).await;
    browser.until_live().await;
    center.report(&report(42)).await.ok();
    center.delete("/api/v1/issues/1").await;
    browser.run("document.dispatchEvent(new Event('visibilitychange'))").await;
    browser.run("lookAtIssue()").await;
    browser.until_shows("[data-news]", "This issue no longer exists").await;
    browser.click("[data-news] a").await;
    browser.until_shows("main", "404").await;
    browser.quit().await;
}
