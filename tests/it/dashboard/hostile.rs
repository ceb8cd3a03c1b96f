//! Hostile reports: everything in them appears on every page as text.

use crate::harness::browser::Browser;
use crate::harness::{Center, with};
use serde_json::{Value, json};

/// Each sets `window.broken` if it is ever executed.
const CORPUS: [&str; 14] = [
    "<script>window.broken=1</script>",
    "\"><img src=x onerror=window.broken=1>",
    "' onmouseover='window.broken=1' autofocus onfocus='window.broken=1",
    "<svg onload=window.broken=1><animate onbegin=window.broken=1 attributeName=x dur=1s></svg>",
    "javascript:window.broken=1",
    "https://host/\" onclick=\"window.broken=1",
    "</title></textarea></script><script>window.broken=1</script>",
    "{{7*7}} {% raw %} ${7*7} #{7*7}",
    "<iframe srcdoc=\"<script>parent.broken=1</script>\"></iframe>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<form action=https://evil.example><input type=submit formaction=javascript:window.broken=1>",
    "\u{1b}[31mred\u{1b}[0m \u{1b}]8;;https://evil.example\u{7}link\u{1b}]8;;\u{7}",
    "\u{202e}gnp.exe\u{202c} \u{2066}\u{200f}x",
    "<a hx-get=/issues hx-trigger=load hx-on:click=window.broken=1 data-hx-vals=js:{x:window.broken=1}>x</a>",
];

fn report(at: usize, text: &str, source: &str) -> Value {
    json!({
        "project_id": "hostile",
        "environment": text.chars().take(100).collect::<String>(),
        "level": "ERROR",
        "source": source,
        "version": text,
        "commit_hash": text,
        "repo_url": text,
        "error": {
            "type": format!("{at} {text}"),
            "message": format!("{text}\n{text}"),
            "file_path": text,
            "line_number": 7,
            "stack_trace": [text, format!("  File \"{text}\", line 7, in {text}"), format!("    at {text} ({text}.js:1:2)"), format!("{text} at src/{text}.rs:3")],
        },
        "context": {text: text, "url": text, "method": text, "run_url": text, "request": {"url": text, text: {text: [text]}},
            "job_name": text, "step_name": at.to_string(), "namespace": text, "deployment_name": at.to_string(), "pod_name": text},
    })
}

#[tokio::test]
async fn everything_is_text() {
    let (center, browser) = (Center::start().await, Browser::start().await);
    let mut issues = Vec::new();
    for (at, text) in CORPUS.iter().enumerate() {
        for source in ["runtime", "cicd", "deployment"] {
            let told = center.report(&report(at, text, source)).await.ok();
            issues.push((told["id"].as_i64().unwrap(), *text));
        }
        let note = json!({"status": "VERIFYING", "note": text, "actor": text, "commit_hash": text, "pull_request_url": text});
        center.patch(issues.last().unwrap().0, &note).await;
        // A second event, so that differences are shown.
        center
            .report(&with(
                report(at, text, "runtime"),
                json!({"version": format!("{text}2"), "context": {*text: 1}}),
            ))
            .await
            .ok();
        let project = json!({"name": text, "repo_url": text, "local_path": text, "description": text});
        center.with_json("PUT", &format!("/api/v1/projects/p{at}"), &project).await.ok();
        center.report(&with(report(at, text, "runtime"), json!({"project_id": format!("p{at}")}))).await.ok();
    }
    let mut pages = vec![
        "/".to_owned(),
        "/issues".into(),
        "/issues?sort=count".into(),
        "/projects".into(),
        "/connect".into(),
    ];
    pages.extend(issues.iter().map(|(id, _)| format!("/issues/{id}")));
    pages.extend((0..CORPUS.len()).map(|at| format!("/projects/p{at}")));
    // Query parameters are text too.
    for text in CORPUS {
        let query: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        pages.push(format!("/issues?q={query}"));
        pages.push(format!("/issues?q=status:{query}"));
        pages.push(format!("/connect?project={query}"));
    }
    let violations = "const policy = new ReportingObserver(() => {}, { types: ['csp-violation'], buffered: true });
        policy.observe();
        return [policy.takeRecords().length, document.querySelectorAll('iframe, object, embed, main script, main style, main svg animate, main meta').length,
                Array.from(document.querySelectorAll('main a')).filter((one) => !['http:', 'https:'].includes(one.protocol)).length,
                Array.from(document.querySelectorAll('*')).filter((one) => one.getAttributeNames().some((name) => name.startsWith('on') || name.startsWith('hx-on'))).length,
                document.querySelectorAll('main a[hx-get]:not(.pages a)').length]";
    for page in pages {
        browser.goto(&format!("{}{page}", center.base)).await;
        browser.find("main").await;
        browser.run("for (const one of document.querySelectorAll('details')) one.open = true").await;
        assert_eq!(browser.run(violations).await, json!([0, 0, 0, 0, 0]), "{page}");
        assert!(browser.driver.current_url().await.unwrap().as_str().starts_with(&center.base), "{page}");
        // Form fields contain the raw value to be saved.
        let shown = "for (const one of document.querySelectorAll('textarea')) one.remove(); return document.body.innerText";
        let shown = browser.run(shown).await.as_str().unwrap().to_owned();
        assert!(!shown.chars().any(|c| matches!(c, '\u{1b}' | '\u{7}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')), "{page}");
        browser.is_clean().await;
    }
    for (id, text) in issues.into_iter().step_by(3) {
        browser.goto(&format!("{}/issues/{id}", center.base)).await;
        if text.starts_with(['<', '"', '\'', '{']) {
            let shown = browser.run("return document.querySelector('.message.full').textContent").await;
            assert_eq!(shown, format!("{text}\n{text}"));
        }
        let stack = center.get(&format!("/issues/{id}/stack")).await.text;
        let hidden =
            |c: char| c.is_control() && c != '\n' && c != '\t' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!stack.contains(hidden), "{stack:?}");
        let markdown = center.get(&format!("/issues/{id}/markdown")).await;
        assert_eq!(markdown.header("content-type"), "text/plain; charset=utf-8");
        assert!(
            !markdown.text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'),
            "{}",
            markdown.text
        );
        assert!(!markdown.text.contains(['\u{202e}', '\u{2066}', '\u{200b}']), "{}", markdown.text);
    }
    // Checks that a violation would be detected at all.
    browser
        .run("document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
        .await;
    assert_eq!(browser.run(violations).await[0], 1);
    browser.quit().await;
}
