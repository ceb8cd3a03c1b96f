//! The size of pages, whatever was reported.

use crate::harness::{Center, report};

#[tokio::test]
async fn every_page_has_its_headers_and_its_size() {
    let center = Center::start().await;
    for line in 0..60 {
        center.report(&report(line)).await.ok();
    }
    for path in ["/", "/issues", "/issues/1", "/projects", "/projects/rtc_backend", "/connect", "/issues/999"]
    {
        let request = center.request("GET", path).header("accept-encoding", "gzip");
        let answer = center.request("GET", path).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let text = answer.text().await.unwrap();
        assert!(!text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick"));
        // Everything that a first visit loads, as sent.
        let mut bytes = request.send().await.unwrap().bytes().await.unwrap().len();
        for part in text.split("/assets/").skip(1) {
            let asset = format!("/assets/{}", part.split('"').next().unwrap());
            let answer =
                center.request("GET", &asset).header("accept-encoding", "gzip").send().await.unwrap();
            assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
            bytes += answer.bytes().await.unwrap().len();
        }
        assert!(bytes < 100_000, "{path} weighs {bytes}");
        // Nothing but the style sheet blocks rendering.
        assert_eq!(text.matches("<script").count(), text.matches(" defer></script>").count());
    }
}

/// Incompressible text (Steele and others, Fast Splittable Pseudorandom Number Generators).
fn noise(seed: u64, length: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut state = seed.wrapping_mul(0xd134_2543_de82_ef95);
    let mut letter = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        char::from(LETTERS[(mixed >> 58) as usize])
    };
    (0..length).map(|_| letter()).collect()
}

/// A report in which every field has its maximum length.
pub(super) fn heavy(seed: u64) -> serde_json::Value {
    let line = |at: u64| noise(seed + at, 4000);
    let inner: serde_json::Map<String, serde_json::Value> =
        (0..400).map(|at| (noise(at, 30), noise(seed + at, 90).into())).collect();
    let error = serde_json::json!({
        "type": noise(seed, 512), "message": noise(seed, 16_000), "file_path": noise(seed, 4000), "line_number": 1,
        "stack_trace": (0..150).map(line).collect::<Vec<_>>(),
    });
    let more = serde_json::json!({
        "environment": noise(seed, 128), "version": noise(seed, 2000), "commit_hash": noise(seed, 2000),
        "error": error, "context": {"request": inner, noise(3, 9000): {"a": 1, "b": 2}},
    });
    crate::harness::with(report(1), more)
}

#[tokio::test]
async fn a_report_cannot_make_a_page_heavy() {
    let center = Center::start().await;
    for seed in 1..60 {
        center.report(&heavy(seed * 1000)).await.ok();
    }
    for at in 0..300 {
        let project = serde_json::json!({"project_id": format!("p{at}")});
        center.report(&crate::harness::with(report(1), project)).await.ok();
        let environment = serde_json::json!({"environment": noise(at, 128)});
        center.report(&crate::harness::with(report(2), environment)).await.ok();
    }
    let everywhere = center.report(&report(2)).await.ok()["id"].as_u64().unwrap();
    let stats = center.get(&format!("/api/v1/issues/{everywhere}/stats")).await.ok();
    assert_eq!(stats["environments"].as_array().unwrap().len(), 200);
    for (number, status) in ["FIXED", "NEW"].repeat(20).into_iter().enumerate() {
        let note = noise(number as u64, 15_000);
        center.patch(1, &serde_json::json!({"status": status, "force": true, "note": note})).await.ok();
    }
    let everywhere = format!("/issues/{everywhere}");
    for path in
        ["/", "/issues", "/issues?q=project:rtc_backend", "/issues/1", &everywhere, "/projects", "/connect"]
    {
        let request = center.request("GET", path).header("accept-encoding", "gzip");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let bytes = answer.bytes().await.unwrap().len();
        assert!(bytes < 60_000, "{path} weighs {bytes}");
    }
    assert!(center.get("/projects").await.text.contains("/projects?after="));
    // Nothing is lost: the full text is one link away.
    let page = center.get("/issues/1").await.text;
    assert!(page.contains("/issues/1?whole=1"));
    assert!(!page.contains(&noise(1000, 16_000)) && !page.contains(&noise(1149, 4000)));
    let whole = center.get("/issues/1?whole=1").await.text;
    assert!(whole.contains(&noise(1000, 16_000)) && whole.contains(&noise(1149, 4000)));
    assert!(whole.contains(&noise(39, 15_000)));
    assert!(whole.contains(&noise(0, 15_000)));
    assert!(!whole.contains("href=\"/issues/1?whole=1"));
    let stack = center.get("/issues/1/stack?event=1").await.text;
    assert_eq!(stack.lines().map(str::len).collect::<Vec<_>>(), [4000; 150]);
}
