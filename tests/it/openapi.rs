//! The OpenAPI document is correct, and its page makes no third-party requests.

use crate::harness::{Center, report};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}"))
        }
        None => schema,
    }
}

/// Every `$ref` of the document.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str().filter(|_| key == "$ref") {
                    Some(reference) => drop(found.insert(reference.to_owned())),
                    None => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_is_whole() {
    let center = Center::start().await;
    let document = center.get("/openapi.json").await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 10);
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let say = format!("{method} {path}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{say} answers nothing good");
            assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{say} is not described");
            assert!(operation["security"].is_array(), "{say} does not say who may");
            for parameter in path.split(['{', '}']).skip(1).step_by(2) {
                let named = |one: &Value| one["name"] == parameter && one["in"] == "path";
                assert!(operation["parameters"].as_array().unwrap().iter().any(named), "{say}: {parameter}");
            }
            for (status, response) in responses {
                if status.as_str() >= "400" {
                    let schema = &response["content"]["application/problem+json"]["schema"];
                    assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{say} {status}");
                }
            }
        }
    }
}

/// A route's 200 response has exactly the documented fields.
#[tokio::test]
async fn answers_have_the_documented_fields() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    center.force(1, "VERIFYING").await;
    let document = center.get("/openapi.json").await.ok();
    let routes = [
        ("/api/v1/issues", "/api/v1/issues"),
        ("/api/v1/issues/{id}", "/api/v1/issues/1"),
        ("/api/v1/issues/{id}/events", "/api/v1/issues/1/events"),
        ("/api/v1/issues/{id}/history", "/api/v1/issues/1/history"),
        ("/api/v1/issues/{id}/stats", "/api/v1/issues/1/stats"),
        ("/api/v1/projects/{project_id}", "/api/v1/projects/rtc_backend"),
        ("/api/v1/projects/{project_id}/keys", "/api/v1/projects/rtc_backend/keys"),
        ("/api/v1/stats", "/api/v1/stats"),
        ("/healthz", "/healthz"),
        ("/readyz", "/readyz"),
    ];
    for (template, path) in routes {
        let schema =
            &document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        same_fields(&document, schema, &center.get(path).await.ok(), template);
    }
}

fn same_fields(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = resolve(document, schema);
    match value {
        Value::Object(object) => {
            let Some(properties) = schema["properties"].as_object() else { return };
            for (field, value) in object {
                let schema =
                    properties.get(field).unwrap_or_else(|| panic!("{at}: {field} is not documented"));
                same_fields(document, schema, value, &format!("{at}/{field}"));
            }
            for field in schema["required"].as_array().into_iter().flatten() {
                assert!(object.contains_key(field.as_str().unwrap()), "{at}: {field} is missing");
            }
        }
        Value::Array(items) => {
            items.iter().for_each(|item| same_fields(document, &schema["items"], item, at))
        }
        Value::String(text) => {
            if let Some(words) = schema["enum"].as_array() {
                assert!(words.contains(&json!(text)), "{at}: {text}");
            }
        }
        _ => {}
    }
}

/// Every documented field of a report is read: a wrong type is rejected.
#[tokio::test]
async fn the_documented_report_is_the_one_that_is_read() {
    let center = Center::start().await;
    let document = center.get("/openapi.json").await.ok();
    let report_schema = &document["components"]["schemas"]["Report"];
    for (prefix, schema) in
        [("", report_schema), ("/error", &document["components"]["schemas"]["ReportError"])]
    {
        for field in schema["properties"].as_object().unwrap().keys() {
            if prefix.is_empty() && field == "error" {
                continue;
            }
            let mut wrong = report(1);
            let place = if prefix.is_empty() { &mut wrong } else { &mut wrong["error"] };
            place[field] = json!(true);
            let answer = center.report(&wrong).await;
            let pointer = format!("{prefix}/{field}");
            if ["/project_id", "/environment", "/level", "/source"].contains(&&*pointer) {
                answer.problem(422);
                assert_eq!(answer.pointers(), [pointer]);
            } else {
                let events = format!("/api/v1/issues/{}/events", answer.ok()["id"]);
                let event = &center.get(&events).await.ok()["events"][0];
                assert!(
                    event["repairs"].as_array().unwrap().iter().any(|one| one["pointer"] == *pointer),
                    "{event}"
                );
            }
        }
        for field in schema["required"].as_array().into_iter().flatten() {
            let mut short = report(1);
            let place = if prefix.is_empty() { &mut short } else { &mut short["error"] };
            place.as_object_mut().unwrap().remove(field.as_str().unwrap());
            center.report(&short).await.problem(422);
        }
    }
}

#[tokio::test]
async fn the_page_for_people_asks_nobody_else() {
    let center = Center::start().await;
    let page = center.get("/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(!page.text.contains("<script") && !page.text.contains("src="));
    let document = center.get("/openapi.json").await.ok();
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(page.text.contains(&format!("<code>{path}</code>")), "{path}");
    }
    for link in page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        match link.strip_prefix('#') {
            Some(name) => assert!(page.text.contains(&format!("id=\"{name}\"")), "{link} leads nowhere"),
            None => assert_eq!(link, "/openapi.json"),
        }
    }
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let center = Center::start().await;
    center.report(&report(1)).await.ok();
    center.report(&report(1)).await.ok();
    center.report_bytes("{").await.problem(400);
    let metrics = center.get("/metrics").await;
    for line in [
        "logcenter_reports_total{outcome=\"reported\"} 1",
        "logcenter_reports_total{outcome=\"deduplicated\"} 1",
        "logcenter_reports_refused_total{status=\"400\"} 1",
        "logcenter_record_seconds_count 2",
    ] {
        assert!(metrics.text.lines().any(|one| one == line), "{line}\n{}", metrics.text);
    }
}
