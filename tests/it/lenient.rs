//! What careless clients send: no report is lost for it, and the event says what was done.

use crate::harness::{Center, Options, report, with};
use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use serde_json::{Value, json};
use std::io::Read;

/// The newest event of an issue.
async fn newest(center: &Center, id: &Value) -> Value {
    center.get(&format!("/api/v1/issues/{id}/events")).await.ok()["events"][0].clone()
}

/// Where something was repaired, and how.
fn repairs(event: &Value) -> Vec<String> {
    let repairs = event["repairs"].as_array().unwrap().iter();
    let repairs: Vec<String> = repairs
        .map(|one| format!("{} {}", one["pointer"].as_str().unwrap(), one["detail"].as_str().unwrap()))
        .collect();
    assert_eq!(event["repaired"], !repairs.is_empty());
    repairs
}

#[tokio::test]
async fn an_optional_field_never_costs_its_report() {
    let center = Center::start().await;
    let number = "left out: a boolean is not a whole number from 1 to 1000000";
    let rows = [
        (
            json!({"timestamp": 1_767_265_200}),
            "/at",
            json!("2026-01-01T11:00:00.000Z"),
            "/timestamp a number was read as seconds since 1970",
        ),
        (
            json!({"timestamp": 1_767_265_200_500_u64}),
            "/at",
            json!("2026-01-01T11:00:00.500Z"),
            "/timestamp a number was read as milliseconds since 1970",
        ),
        (
            json!({"timestamp": 1_767_265_200.25}),
            "/at",
            json!("2026-01-01T11:00:00.250Z"),
            "/timestamp a number was read as seconds since 1970",
        ),
        (
            json!({"timestamp": "1970-01-01T00:00:00Z"}),
            "/at",
            json!("2026-01-02T03:04:05.000Z"),
            "/timestamp left out: this is not a time since 2000 in ISO 8601",
        ),
        (
            json!({"timestamp": {}}),
            "/at",
            json!("2026-01-02T03:04:05.000Z"),
            "/timestamp left out: an object is not a time",
        ),
        (
            json!({"sent_at": "soon"}),
            "/count",
            json!(1),
            "/sent_at left out: this is not a time since 2000 in ISO 8601",
        ),
        (
            json!({"context": []}),
            "/context",
            json!({}),
            "/context an empty array was read as an empty object",
        ),
        (json!({"context": [1]}), "/context", json!(null), "/context left out: an array is not an object"),
        (json!({"context": "text"}), "/context", json!(null), "/context left out: a string is not an object"),
        (json!({"version": 12}), "/version", json!("12"), "/version a number was read as a string"),
        (json!({"version": 1.5}), "/version", json!("1.5"), "/version a number was read as a string"),
        (
            json!({"commit_hash": ["a"]}),
            "/commit_hash",
            json!(null),
            "/commit_hash left out: an array is not a string",
        ),
        (
            json!({"event_id": "x".repeat(65)}),
            "/event_id",
            json!(null),
            "/event_id left out: longer than 64 characters",
        ),
        (json!({"event_id": 7}), "/event_id", json!("7"), "/event_id a number was read as a string"),
        (json!({"count": true}), "/count", json!(1), &format!("/count {number}")),
    ];
    for (at, (fields, pointer, kept, repair)) in rows.into_iter().enumerate() {
        let answer = center.report(&with(report(at as u64), fields.clone())).await.ok();
        let event = newest(&center, &answer["id"]).await;
        assert_eq!(event.pointer(pointer).unwrap(), &kept, "{fields}");
        assert_eq!(repairs(&event), [repair], "{fields}");
    }
    let rows = [
        (json!({"line_number": "42"}), "/line_number", json!(42), "a string was read as a number"),
        (
            json!({"line_number": -1}),
            "/line_number",
            json!(null),
            "left out: -1 is not a whole number from 0 to 9223372036854775807",
        ),
        (json!({"message": 5}), "/message", json!("5"), "a number was read as a string"),
        (json!({"message": null}), "/message", json!(""), "missing: read as empty"),
        (json!({"type": null}), "/type", json!("Error"), "missing: read as Error"),
        (json!({"type": ""}), "/type", json!("Error"), "missing: read as Error"),
        (
            json!({"stack_trace": 3}),
            "/stack_trace",
            json!(null),
            "left out: a number is not an array of strings, or a string",
        ),
    ];
    for (fields, pointer, kept, repair) in rows {
        let mut careless = report(100);
        let project = format!("p{}", pointer.trim_start_matches('/'));
        careless["project_id"] = project.into();
        careless["error"] = with(careless["error"].clone(), fields.clone());
        let answer = center.report(&careless).await.ok();
        let event = newest(&center, &answer["id"]).await;
        assert_eq!(event["error"].pointer(pointer).unwrap(), &kept, "{fields}");
        assert_eq!(repairs(&event), [format!("/error{pointer} {repair}")], "{fields}");
    }
    let mut elements = report(200);
    elements["error"]["stack_trace"] = json!(["a", {"frame": 1}, "b"]);
    let answer = center.report(&elements).await.ok();
    let event = newest(&center, &answer["id"]).await;
    assert_eq!(event["error"]["stack_trace"], json!(["a", "b"]));
    assert_eq!(repairs(&event), ["/error/stack_trace/1 left out: an object is not a string"]);
    let numbers =
        with(elements.clone(), json!({"error": {"type": "Numbers", "stack_trace": vec![1; 100_000]}}));
    let answer_to_numbers = center.report(&numbers).await.ok();
    assert_eq!(repairs(&newest(&center, &answer_to_numbers["id"]).await).len(), 32);
    let page = center.get(&format!("/issues/{}", answer["id"])).await.text;
    assert!(page.contains("/error/stack_trace/1 left out: an object is not a string"), "{page}");
    // A thrown text, through a browser's `window.onerror`, has neither type nor message.
    let thrown = with(report(201), json!({"error": {"stack_trace": []}}));
    assert_eq!(center.report(&thrown).await.ok()["message"], "Log reported");
    let nothing = with(report(202), json!({"error": {}}));
    assert_eq!(center.report(&nothing).await.pointers(), ["/error/type"]);
}

#[tokio::test]
async fn what_is_nearly_json_is_read() {
    let center = Center::start().await;
    let utf_16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let text = |n: u64, from: &str, to: &str| {
        let text = report(n).to_string();
        assert!(text.contains(from));
        text.replace(from, to)
    };
    let rows = [
        (
            text(1, "\"/api/users/123\"", "NaN").into_bytes(),
            " quotes, or numbers that JSON does not have, were repaired",
        ),
        (
            text(2, "\"/api/users/123\"", "-Infinity").into_bytes(),
            " quotes, or numbers that JSON does not have, were repaired",
        ),
        (utf_16(&report(3).to_string()), " UTF-16 was decoded"),
        ([&[0xFF, 0xFE], &*utf_16(&report(4).to_string())].concat(), " UTF-16 was decoded"),
        ([b"\xEF\xBB\xBF", report(5).to_string().as_bytes()].concat(), " a byte order mark was removed"),
        (
            text(6, "line 6\"", "RUN npm ci && \\\"").into_bytes(),
            " the end of a string after a backslash was repaired",
        ),
        (text(7, "wrong", "wr\tong").into_bytes(), " control characters or escapes in strings were repaired"),
    ];
    for (body, repair) in rows {
        let answer = center.report_bytes(body).await.ok();
        assert_eq!(answer["message"], "Log reported", "{repair}");
        assert_eq!(repairs(&newest(&center, &answer["id"]).await), [repair]);
    }
    let batch = format!("{{\"reports\": [{}]}}", text(8, "\"/api/users/123\"", "NaN"));
    let answer = center.send(center.request("POST", "/api/v1/logs/batch").body(batch)).await.ok();
    assert_eq!(answer["results"][0]["message"], "Log reported");
}

#[tokio::test]
async fn a_clock_that_is_off_does_not_hide_a_regression() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    center.force(1, "FIXED").await;
    center.pass_millis(60_000);
    // An hour behind: by its own clock the error happened before the fix.
    let behind =
        json!({"event_id": "e", "timestamp": "2026-01-02T02:05:00Z", "sent_at": "2026-01-02T02:05:04Z"});
    let answer = center.report(&with(report(1), behind)).await.ok();
    assert_eq!(answer["message"], "Regression detected, reopened");
    assert_eq!(newest(&center, &json!(1)).await["at"], "2026-01-02T03:05:01.000Z");
}

#[tokio::test]
async fn slashes_too_many_lead_where_they_were_meant_to() {
    let center = Center::start().await;
    for (n, path) in
        ["//api/v1/logs/report", "/api/v1/logs/report/", "/api//v1/logs/report//"].iter().enumerate()
    {
        center.with_json("POST", path, &report(n as u64)).await.ok();
    }
    for path in ["//api/v1/logs/batch", "/api/v1/logs/batch/"] {
        center.with_json("POST", path, &json!({"reports": [report(9)]})).await.ok();
        let preflight = center.request("OPTIONS", path).header("origin", "https://shop.example");
        let preflight = preflight.header("access-control-request-method", "POST");
        assert_eq!(
            center.send(preflight).await.header("access-control-allow-origin"),
            "https://shop.example"
        );
    }
    center.with_json("PUT", "//api/v1/projects/shop/", &json!({"name": "Shop"})).await.ok();
    assert_eq!(center.get("/api/v1/projects/shop").await.ok()["name"], "Shop");
    // Nothing else is guessed at.
    for (method, path) in
        [("GET", "/api/v1/issues/"), ("DELETE", "/api/v1/projects/shop/"), ("GET", "//api/v1/projects/shop")]
    {
        center.send(center.request(method, path)).await.problem(404);
    }
}

#[tokio::test]
async fn compressed_bodies_are_decoded_within_bounds() {
    fn all(mut from: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    }
    let center = Center::start().await;
    let level = Compression::default();
    let gzip = |text: &[u8]| all(GzEncoder::new(text, level));
    let send = |encoding: &'static str, body: Vec<u8>| {
        let request = center.request("POST", "/api/v1/logs/report").header("content-encoding", encoding);
        center.send(request.body(body))
    };
    let json = report(1).to_string().into_bytes();
    for (encoding, body) in [
        ("gzip", gzip(&json)),
        ("GZIP", gzip(&json)),
        ("deflate", all(ZlibEncoder::new(&*json, level))),
        ("deflate", all(DeflateEncoder::new(&*json, level))),
        ("br", BROTLI.to_vec()),
        ("zstd", ruzstd::encoding::compress_to_vec(&*json, ruzstd::encoding::CompressionLevel::Fastest)),
        ("identity", json.clone()),
        // Named, but not done.
        ("gzip", json.clone()),
        ("br", json.clone()),
    ] {
        send(encoding, body).await.ok();
    }
    let unknown = send("compress", json.clone()).await.problem(415);
    assert!(unknown["detail"].as_str().unwrap().contains("compress"));
    send("gzip", gzip(&json)[..40].to_vec()).await.problem(400);
    // A megabyte that would become a gigabyte.
    let bomb = gzip(&vec![b' '; 900 << 20]);
    assert!(bomb.len() < 1 << 20);
    send("gzip", bomb).await.problem(413);
    let large = with(report(2), json!({"context": {"blob": "x".repeat(3 << 20)}})).to_string();
    send("gzip", gzip(large.as_bytes())).await.ok();
    let batch = json!({"reports": [report(1), report(3)]}).to_string();
    let request = center.request("POST", "/api/v1/logs/batch").header("content-encoding", "gzip");
    let results = center.send(request.body(gzip(batch.as_bytes()))).await.ok();
    assert_eq!(results["results"][1]["message"], "Log reported");
}

/// `{"project_id":"shop","environment":"e","level":"ERROR","error":{"type":"E","message":""}}`, by Google's encoder.
const BROTLI: &[u8] = include_bytes!("report.br");

#[tokio::test]
async fn a_token_may_have_any_characters() {
    let token = "pässwörd-密码";
    let center = Center::start_with(Options { admin_token: Some(token), ..Options::default() }).await;
    center.bearer(token).get("/api/v1/issues").await.ok();
    center.bearer("pässwörd").get("/api/v1/issues").await.problem(401);
}
