//! Malformed input: the client is told what is wrong, and nothing is stored.

use crate::harness::{Center, report, with};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// Everything that a report could change.
async fn stored(center: &Center) -> Vec<Value> {
    let mut all = Vec::new();
    for path in ["/api/v1/projects", "/api/v1/stats", "/api/v1/issues?limit=200"] {
        all.push(center.get(path).await.ok());
    }
    for issue in center.issues("").await {
        all.push(center.get(&format!("/api/v1/issues/{}/events?limit=200", issue["id"])).await.ok());
    }
    all
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let center = Center::start().await;
    let before = stored(&center).await;
    let wrong = json!({
        "project_id": "../etc", "environment": "", "level": "INFO", "source": "moon", "count": 0, "error": {},
    });
    let answer = center.report(&wrong).await;
    answer.problem(422);
    assert_eq!(answer.pointers(), ["/project_id", "/environment", "/level", "/source", "/error/type"]);

    let nothing = center.report(&json!({})).await;
    nothing.problem(422);
    assert_eq!(nothing.pointers(), ["/project_id", "/environment", "/level", "/error"]);
    let no_error = center.report(&with(report(1), json!({"error": [], "count": 0}))).await;
    assert_eq!(no_error.pointers(), ["/error"]);
    for body in ["[]", "1", "null", "\"text\"", "true"] {
        center.report_bytes(body).await.problem(422);
    }
    assert_eq!(stored(&center).await, before);
}

#[tokio::test]
async fn what_is_not_json_is_a_400() {
    let center = Center::start().await;
    let before = stored(&center).await;
    let cases: [&[u8]; 9] =
        [b"", b"{", b"hello", b"{\"a\": }", b"\xFF\xFE{", b"{} {}", b"{\"a\":1,}", b"\0", b"project_id=x"];
    for body in cases {
        center.report_bytes(body).await.problem(400);
    }
    center.send(center.request("POST", "/api/v1/logs/batch").body("{")).await.problem(400);
    assert_eq!(stored(&center).await, before);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_a_413() {
    let center = Center::start().await;
    let before = stored(&center).await;
    let long = with(report(1), json!({"context": {"blob": "x".repeat(2 * 1024 * 1024)}}));
    center.report(&long).await.problem(413);
    chunked(&center, 2 * 1024 * 1024).await;
    let blob = "x".repeat(9 * 1024 * 1024);
    let batch = json!({"reports": [with(report(1), json!({"context": {"blob": blob}}))]});
    center.with_json("POST", "/api/v1/logs/batch", &batch).await.problem(413);
    center.with_json("PATCH", "/api/v1/issues/1", &long).await.problem(413);
    assert_eq!(stored(&center).await, before);
}

/// Sends a body without announcing its length.
async fn chunked(center: &Center, length: usize) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = center.base.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = "POST /api/v1/logs/report HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    let body = format!("{length:x}\r\n{}\r\n0\r\n\r\n", " ".repeat(length));
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("problem+json"), "{answer}");
}

#[tokio::test]
async fn deep_nesting_is_refused_beyond_128() {
    let center = Center::start().await;
    let nested = |depth: usize| {
        let context = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        with(report(1), json!({})).to_string().replace("{\"url\":\"/api/users/123\"}", &context)
    };
    // The report is one level of nesting, its context another.
    center.report_bytes(nested(126)).await.ok();
    center.report_bytes(nested(127)).await.problem(400);
    center.report_bytes(nested(100_000)).await.problem(400);
    center.report_bytes("[".repeat(500_000)).await.problem(400);
    let batch = format!("{{\"reports\":[{},{}]}}", nested(127), report(1));
    let results = center.send(center.request("POST", "/api/v1/logs/batch").body(batch)).await.ok();
    assert_eq!(results["results"][0]["problem"]["status"], 400);
    assert_eq!(results["results"][1]["message"], "Log deduplicated");
    center.issue(1).await;
}

#[tokio::test]
async fn what_no_store_could_hold_becomes_a_replacement_character() {
    let center = Center::start().await;
    let body = report(1).to_string();
    let body = body.replace("wrong at 1", r"nul \u0000 high \ud800 low \udc00 pair \ud83d\ude00");
    center.report_bytes(body.replace("/api/users/123", r"\u0000\udfff")).await.ok();
    let issue = center.issue(1).await;
    assert_eq!(issue["error"]["message"], "nul \u{FFFD} high \u{FFFD} low \u{FFFD} pair 😀");
    assert_eq!(issue["context"]["url"], "\u{FFFD}\u{FFFD}");
    let mut invalid = report(2).to_string().into_bytes();
    let at = invalid.windows(5).position(|five| five == b"wrong").unwrap();
    invalid[at] = 0xFF;
    center.report_bytes(invalid).await.ok();
    assert_eq!(center.issue(2).await["error"]["message"], "\u{FFFD}rong at 2");
    for id in [1, 2] {
        let event = &center.get(&format!("/api/v1/issues/{id}/events")).await.ok()["events"][0];
        assert_eq!(event["repaired"], true);
    }
}

#[tokio::test]
async fn what_is_too_long_keeps_its_head_and_its_tail() {
    let center = Center::start().await;
    let mut long = report(1);
    long["error"]["message"] = format!("head {} tail", "m".repeat(20_000)).into();
    let lines: Vec<String> = (0..1000).map(|n| format!("line {n}")).collect();
    long["error"]["stack_trace"] = lines.join("\n").into();
    for n in 0..10_000 {
        long["context"][format!("key {n}")] = n.into();
    }
    center.report(&long).await.ok();
    let issue = center.issue(1).await;
    let message = issue["error"]["message"].as_str().unwrap();
    assert!(message.len() <= 16 * 1024 && message.starts_with("head") && message.ends_with("tail"));
    let stack = issue["error"]["stack_trace"].as_array().unwrap();
    assert!(stack.len() <= 512);
    assert_eq!((&stack[0], stack.last().unwrap()), (&json!("line 0"), &json!("line 999")));
    assert_eq!(issue["context"]["key 9999"], 9999);
    assert!(issue["context"].to_string().len() <= 64 * 1024);
    let event = &center.get("/api/v1/issues/1/events").await.ok()["events"][0];
    assert_eq!((&event["truncated"], &event["repaired"]), (&json!(true), &json!(false)));
    // The fingerprint is that of the whole path.
    for end in ["a", "b"] {
        let mut path = report(1);
        path["error"]["file_path"] = format!("{}{end}{}", "p".repeat(5000), "q".repeat(5000)).into();
        assert_eq!(center.report(&path).await.ok()["message"], "Log reported");
    }
}

#[tokio::test]
async fn what_the_framework_would_refuse_is_a_problem_too() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    center.get("/nope").await.problem(404);
    center.get("/api/v1/issues/abc").await.problem(404);
    center.get("/api/v1/issues/%FF").await.problem(404);
    center.get("/api/v1/issues/99999999999999999999").await.problem(404);
    center.get("/api/v1/issues/7").await.problem(404);
    let wrong_method = center.delete("/api/v1/logs/report").await;
    wrong_method.problem(405);
    assert!(wrong_method.header("allow").contains("POST"));
    center.send(center.request("PATCH", "/api/v1/issues/1").body("{}")).await.problem(415);
    let text = center.request("PATCH", "/api/v1/issues/1").header("content-type", "text/plain").body("{}");
    center.send(text).await.problem(415);
    center.with_json("PATCH", "/api/v1/issues/1", &json!([])).await.problem(422);
    let broken =
        center.request("PATCH", "/api/v1/issues/1").header("content-type", "application/json").body("{");
    center.send(broken).await.problem(400);
    let answer = center
        .patch(1, &json!({"status": "DONE", "force": "yes", "expected_revision": "x", "note": 1}))
        .await;
    answer.problem(422);
    assert_eq!(answer.pointers().len(), 4);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let center = Center::start().await;
    let long = format!("q={}", "a".repeat(50_001));
    let rows = [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=x", "limit"),
        ("cursor=forged", "cursor"),
        ("cursor=last_seen.1", "cursor"),
        ("cursor=last_seen.1.2.3", "cursor"),
        ("cursor=count.1.2", "cursor"),
        ("cursor=last_seen.99999999999999999999.1", "cursor"),
        ("status=new", "status"),
        ("source=x", "source"),
        ("level=INFO", "level"),
        ("project_id=%2F", "project_id"),
        ("since=yesterday", "since"),
        ("until=1", "until"),
        ("sort=name", "sort"),
        (long.as_str(), "q"),
        ("statsu=NEW", "statsu"),
        ("status=NEW&status=FIXED", "status"),
    ];
    for (query, parameter) in rows {
        let answer = center.get(&format!("/api/v1/issues?{query}")).await;
        answer.problem(422);
        assert_eq!(answer.pointers(), [parameter], "{query}");
        assert_eq!(answer.json()["errors"][0]["parameter"], parameter);
    }
    center.report(&report(1)).await.ok();
    for path in ["events?cursor=x", "history?limit=0", "stats?since=x"] {
        center.get(&format!("/api/v1/issues/1/{path}")).await.problem(422);
    }
    // A well-formed but made-up cursor may find something or nothing; it breaks nothing.
    center.get(&format!("/api/v1/issues?cursor=last_seen.{}.{}", i64::MIN, i64::MAX)).await.ok();
}

/// Runs async property tests: every input must get a 200 or a 4xx problem, and nothing may be stored partially.
fn property<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, body: impl Fn(&T) -> Vec<u8>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let center = runtime.block_on(Center::start());
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let ran = runner.run(&strategy, |input| {
        let body = body(&input);
        for path in ["/api/v1/logs/report", "/api/v1/logs/batch"] {
            let answer = runtime.block_on(center.send(center.request("POST", path).body(body.clone())));
            if answer.status != 200 {
                prop_assert!((400..500).contains(&answer.status), "{answer:?}");
                answer.problem(answer.status);
            }
        }
        let put = center
            .request("PUT", "/api/v1/projects/p")
            .header("content-type", "application/json")
            .body(body.clone());
        prop_assert!(runtime.block_on(center.send(put)).status < 500);
        let patch =
            center.request("PATCH", "/api/v1/issues/1").header("content-type", "application/json").body(body);
        prop_assert!(runtime.block_on(center.send(patch)).status < 500);
        Ok(())
    });
    ran.unwrap();
    // Whatever was stored is consistent and readable: an issue has its first event, and its hours sum to its count.
    for issue in runtime.block_on(center.issues("")) {
        let id = issue["id"].as_i64().unwrap();
        runtime.block_on(center.issue(id));
        let events = runtime.block_on(center.get(&format!("/api/v1/issues/{id}/events?limit=200"))).ok();
        assert_eq!(events["events"].as_array().unwrap().last().unwrap()["id"], 1, "{issue}");
        let stats = runtime.block_on(center.get(&format!("/api/v1/issues/{id}/stats"))).ok();
        let environments = stats["environments"].as_array().unwrap();
        let sum: i64 = environments.iter().map(|one| one["count"].as_i64().unwrap()).sum();
        assert_eq!(issue["count"], sum, "{issue}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("ERROR")),
        Just(json!("cicd")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let keys = prop::sample::select(vec![
            "type",
            "message",
            "stack_trace",
            "line_number",
            "job_name",
            "namespace",
            "x",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..5).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

#[test]
fn random_bytes_break_nothing() {
    property(prop::collection::vec(any::<u8>(), 0..300), Clone::clone);
}

#[test]
fn random_json_breaks_nothing() {
    property(value(), |value| value.to_string().into_bytes());
}

#[test]
fn a_report_with_anything_in_some_fields_breaks_nothing() {
    const FIELDS: [&str; 12] = [
        "project_id",
        "environment",
        "level",
        "source",
        "timestamp",
        "version",
        "commit_hash",
        "repo_url",
        "error",
        "context",
        "event_id",
        "count",
    ];
    let changes = prop::collection::vec((prop::sample::select(FIELDS.to_vec()), value()), 1..4);
    property(changes, |changes| {
        let mut report = report(1);
        for (field, value) in changes {
            report[*field] = value.clone();
        }
        report.to_string().into_bytes()
    });
}

#[test]
fn a_report_with_wrong_bytes_in_it_breaks_nothing() {
    let strategy = (prop::collection::vec((0_usize..300, any::<u8>()), 1..6),);
    property(strategy, |(changes,)| {
        let mut body = report(1).to_string().into_bytes();
        for (at, byte) in changes {
            let length = body.len();
            body[at % length] = *byte;
        }
        body
    });
}
