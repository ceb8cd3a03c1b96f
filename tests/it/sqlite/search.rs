//! Search finds every match, whatever the text and whether or not it is indexed yet.

use super::database;
use crate::harness::{Center, eventually, report, with};
use serde_json::{Value, json};

const PIECES: [&str; 12] = [
    "Zeitüberschreitung",
    "超时错误",
    "a\"b",
    "50% of",
    "x_y",
    "c:\\d",
    " AND ",
    "NEAR(x, 2)",
    "col:*",
    "''",
    "\t",
    "Tail",
];

/// A report with a text of its own.
fn telling(line: usize, turn: usize) -> Value {
    let piece = |step: usize| PIECES[(line * step + turn) % PIECES.len()];
    let message = format!("{}{}{line}{}", piece(1), piece(5), piece(7));
    let error = json!({"type": "Odd", "message": message, "file_path": "apps/odd.py", "line_number": line, "stack_trace": []});
    with(report(1), json!({"error": error}))
}

/// Whether each word of `part`, without a colon at its end, is in one of the issue's texts.
fn has(issue: &Value, part: &str) -> bool {
    let texts = ["type", "message", "file_path"].map(|key| issue["error"][key].as_str().unwrap());
    let without_colon =
        |word| Some(str::trim_end_matches(word, ':')).filter(|part| !part.is_empty()).unwrap_or(word);
    part.split_whitespace()
        .map(without_colon)
        .all(|word| texts.iter().any(|text| text.to_ascii_lowercase().contains(&word.to_ascii_lowercase())))
}

async fn found(center: &Center, q: &str) -> Vec<Value> {
    let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
    center.issues(&format!("q={q}")).await
}

/// Searches for parts of all texts and for texts that do not exist, and compares with a check of every issue.
async fn all_is_found(center: &Center) {
    let every = center.issues("").await;
    let mut parts: Vec<String> =
        ["nowhere", "超时x", "50_ of", "AND", "\"", "odd.py", "Odd\nZ", "ZEIT"].map(String::from).into();
    for issue in every.iter().step_by(7) {
        let characters: Vec<char> = issue["error"]["message"].as_str().unwrap().chars().collect();
        for length in [1, 2, 3, 5, 8, characters.len()] {
            parts.extend(characters.windows(length.min(characters.len())).step_by(3).map(String::from_iter));
        }
    }
    for part in parts {
        let part = part.trim();
        let may_be_a_phrase = part.split_whitespace().any(|word| word.starts_with('"') && word.len() > 1);
        if part.is_empty() || may_be_a_phrase {
            continue;
        }
        let expected: Vec<&Value> = every.iter().filter(|issue| has(issue, part)).collect();
        assert_eq!(found(center, part).await.iter().collect::<Vec<_>>(), expected, "{part:?}");
    }
}

async fn until_indexed(center: &Center) {
    let database = database(center);
    let missing = "SELECT (SELECT max(payload_event) FROM issues) > event FROM indexed_up_to";
    eventually("everything is indexed", async || {
        (!database.query_row(missing, [], |row| row.get::<_, bool>(0)).unwrap()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn every_text_is_found() {
    let center = Center::start().await;
    for turn in [0, 3] {
        let reports: Vec<Value> = (0..60).map(|line| telling(line, turn)).collect();
        assert_eq!(center.batch(&reports).await.status, 200);
        all_is_found(&center).await;
        until_indexed(&center).await;
        all_is_found(&center).await;
    }
    assert_eq!(center.issues("").await.len(), 60);
    // Earlier texts of an issue, and deleted issues, are no longer found.
    let gone = found(&center, "Zeitüberschreitung").await;
    assert!(!gone.is_empty());
    for issue in &gone {
        assert_eq!(center.delete(&format!("/api/v1/issues/{}", issue["id"])).await.status, 204);
    }
    assert_eq!(found(&center, "Zeitüberschreitung").await, Vec::<Value>::new());
    all_is_found(&center).await;
    // Without an index everything is found by reading the events.
    let without = "DELETE FROM issue_texts; UPDATE indexed_up_to SET event = 0";
    database(&center).execute_batch(without).unwrap();
    all_is_found(&center).await;
}

#[tokio::test]
async fn what_many_have_is_found_as_what_few_have() {
    let center = Center::start().await;
    for lot in 0..32_u64 {
        let reports: Vec<Value> = (lot * 100 + 1..=lot * 100 + 100).map(report).collect();
        assert_eq!(center.batch(&reports).await.status, 200);
    }
    let few = json!({"environment": "canary", "error": {"type": "Rare", "message": "wrong once", "stack_trace": []}});
    center.report(&with(report(1), few)).await.ok();
    until_indexed(&center).await;
    for (query, number) in [
        ("q=wrong", 3201),
        ("q=wrong+at", 3200),
        ("q=wrong+at+3199", 1),
        ("q=once", 1),
        ("q=wrong&environment=canary", 1),
        ("q=wrong+at&environment=canary", 0),
        ("environment=production", 3200),
        ("environment=canary", 1),
        ("environment=nowhere", 0),
        ("q=wrong+once&sort=count", 1),
    ] {
        assert_eq!(center.issues(query).await.len(), number, "{query}");
    }
}
