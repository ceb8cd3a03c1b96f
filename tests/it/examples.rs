//! The examples, run as a newcomer would run them: the resulting issue names the source line.

use crate::harness::program::{Service, built, marked, run};
use crate::harness::{Center, Http, eventually};
use serde_json::{Value, json};

/// The issue at a marked line, once it exists.
async fn issue_at(center: &Http, file: &str, what: &str) -> Value {
    let line = marked(file, what);
    let here = |issue: &Value| issue["error"]["file_path"] == file && issue["error"]["line_number"] == line;
    let found = eventually(what, || async { center.issues("").await.into_iter().find(here) }).await;
    center.get(&format!("/api/v1/issues/{}", found["id"])).await.ok()
}

async fn issue_of_type(center: &Http, error_type: &str) -> Value {
    let of_type = |issue: &Value| issue["error"]["type"] == error_type;
    let found = eventually(error_type, || async { center.issues("").await.into_iter().find(of_type) }).await;
    center.get(&format!("/api/v1/issues/{}", found["id"])).await.ok()
}

#[tokio::test]
async fn axum_names_the_line() {
    const FILE: &str = "examples/axum-service/src/main.rs";
    let center = Center::start().await;
    let service = Service::start("axum-service", &center.base, &[]);

    let request = service.http.request("GET", "/users/7?token=abc&page=2");
    let answer = service.http.send(request.header("x-request-id", "r-1").header("cookie", "secret")).await;
    assert_eq!((answer.status, &*answer.text), (500, "Internal Server Error"));
    let issue = issue_at(&center, FILE, "users").await;
    assert_eq!(issue["project_id"], "axum-service");
    assert_eq!(issue["environment"], "test");
    assert_eq!(issue["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(issue["error"]["type"], "std::io::Error");
    assert_eq!(issue["error"]["message"], "No such file or directory (os error 2)");
    assert_eq!(
        issue["context"]["request"],
        json!({"method": "GET", "route": "/users/{id}", "path": "/users/7", "query": "token=[scrubbed]&page=2",
            "request_id": "r-1", "status": 500})
    );
    let stack = issue["error"]["stack_trace"].as_array().unwrap();
    let first = stack[0].as_str().unwrap();
    assert!(first.contains(FILE), "{first}");

    assert_eq!(service.http.get("/orders/x").await.status, 502);
    let issue = issue_at(&center, FILE, "orders").await;
    assert_eq!(issue["error"]["type"], "std::num::ParseIntError");
    assert_eq!(issue["error"]["message"], "invalid digit found in string (the order cannot be found)");
    assert_eq!(
        issue["context"]["chain"],
        json!([
            {"type": "axum_service::ShopError::Number", "message": "the order cannot be found"},
            {"type": "std::num::ParseIntError", "message": "invalid digit found in string"}
        ])
    );

    assert_eq!(service.http.get("/prices").await.status, 500);
    let issue = issue_of_type(&center, "Http500 GET /prices").await;
    assert_eq!(issue["error"]["file_path"], Value::Null);

    assert_eq!(service.http.get("/stock").await.status, 500);
    let issue = issue_at(&center, FILE, "stock").await;
    assert_eq!(issue["error"]["message"], "stock unknown");
    assert_eq!(issue["context"]["fields"], json!({"warehouse": 3}));
    assert_eq!(issue["context"]["request"]["status"], 500);

    service.http.get("/mail").await;
    let issue = issue_at(&center, FILE, "mail").await;
    assert_eq!((&issue["level"], &issue["error"]["message"]), (&json!("WARNING"), &json!("mail not sent")));
    assert_eq!(issue["context"]["request"]["route"], "/mail");

    assert_eq!(service.http.get("/crash").await.status, 500);
    let issue = issue_at(&center, FILE, "crash").await;
    assert_eq!(
        (&issue["error"]["type"], &issue["error"]["message"]),
        (&json!("panic"), &json!("there is no such item"))
    );
    assert_eq!(issue["context"]["request"]["route"], "/crash");

    // The hook, the layer, CatchPanic and TraceLayer all saw it: one incident is one report.
    let issues = center.issues("").await;
    assert_eq!(issues.len(), 6, "{issues:#?}");
    assert!(issues.iter().all(|issue| issue["count"] == 1), "{issues:#?}");
}

#[tokio::test]
async fn tonic_names_the_line() {
    const FILE: &str = "examples/tonic-service/src/main.rs";
    let center = Center::start().await;
    let service = Service::start("tonic-service", &center.base, &[]);
    // Calls over HTTP/2 as any client does: a message with one field, the id.
    let call = |id: &str| {
        let mut message = vec![0, 0, 0, 0, id.len() as u8 + 2, 0x0A, id.len() as u8];
        message.extend(id.as_bytes());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), message).unwrap();
        let output = std::process::Command::new("curl")
            .args([
                "-sS",
                "-D-",
                "-o/dev/null",
                "--http2-prior-knowledge",
                "-H",
                "content-type: application/grpc",
            ])
            .args(["-H", "te: trailers", "--data-binary"])
            .arg(format!("@{}", file.path().display()))
            .arg(format!("{}/shop.Shop/Order", service.http.base))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let answer = call("x");
    assert!(answer.contains("grpc-status: 13") && !answer.contains("digit"), "{answer}");
    let issue = issue_at(&center, FILE, "order").await;
    assert_eq!(issue["error"]["type"], "std::num::ParseIntError");
    assert_eq!(issue["error"]["message"], "invalid digit found in string");
    assert_eq!(issue["context"]["request"]["path"], "/shop.Shop/Order");
    assert_eq!(issue["context"]["request"]["grpc_code"], "Internal");

    call("7");
    let issue = issue_of_type(&center, "GrpcInternal POST /shop.Shop/Order").await;
    assert_eq!(issue["error"]["message"], "a status made by hand: its route is reported");

    assert!(call("").contains("grpc-status: 5") && call("12").contains("HTTP/2 200"));
    assert_eq!(center.issues("").await.len(), 2);
}

#[tokio::test]
async fn actix_names_the_line() {
    const FILE: &str = "examples/actix-service/src/main.rs";
    let center = Center::start().await;
    let service = Service::start("actix-service", &center.base, &[]);
    let answer = service.http.get("/users/7").await;
    assert_eq!((answer.status, &*answer.text), (500, "Internal Server Error"));
    let issue = issue_at(&center, FILE, "users").await;
    assert_eq!(issue["error"]["type"], "std::io::Error");
    assert_eq!(issue["context"]["request"]["route"], "/users/{id}");

    assert_eq!(service.http.get("/prices/monday").await.status, 500);
    issue_of_type(&center, "Http500 GET /prices/{day}").await;

    // actix-web closes the connection.
    let _ = service.http.try_send(service.http.request("GET", "/crash")).await;
    let issue = issue_at(&center, FILE, "crash").await;
    assert_eq!(issue["context"]["request"]["route"], "/crash");
    let issues = center.issues("").await;
    assert_eq!(issues.len(), 3, "{issues:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_async_code_reports_panics_and_errors() {
    const FILE: &str = "examples/worker-with-panic-hook/src/main.rs";
    let center = Center::start().await;
    let output = run(&built("worker-with-panic-hook"), &center.base, &[]);
    assert!(output.status.success(), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("index out of bounds") && !stderr.contains("logcenter:"), "{stderr}");
    // Everything is delivered by the time the process has ended.
    let issues = center.issues("").await;
    assert_eq!(issues.len(), 2, "{issues:#?}");
    let panic = issue_at(&center, FILE, "panic").await;
    assert_eq!(panic["error"]["type"], "panic");
    assert_eq!(panic["error"]["message"], "index out of bounds: the len is 3 but the index is 5");
    assert_eq!(panic["context"]["thread"], "job of 5");
    assert!(panic["error"]["stack_trace"][0].as_str().unwrap().contains("work at examples/"));
    let error = issue_at(&center, FILE, "error").await;
    assert_eq!(error["error"]["type"], "std::num::TryFromIntError");
    assert_eq!(error["context"]["job"], "resize");
}

#[tokio::test(flavor = "multi_thread")]
async fn tracing_events_are_reports() {
    const FILE: &str = "examples/tracing-only/src/main.rs";
    let center = Center::start().await;
    let output = run(&built("tracing-only"), &center.base, &[]);
    assert!(output.status.success(), "{output:?}");
    let issues = center.issues("").await;
    assert_eq!(issues.len(), 2, "{issues:#?}");
    let error = issue_at(&center, FILE, "error").await;
    assert_eq!(error["error"]["type"], "std::num::ParseIntError");
    assert_eq!(error["error"]["message"], "invalid digit found in string (payment failed)");
    assert_eq!(error["context"]["spans"], json!({"pay": {"order": "seven"}}));
    let message = issue_at(&center, FILE, "message").await;
    assert_eq!(message["error"]["type"], "tracing_only");
    assert_eq!(message["context"]["fields"], json!({"pending": 1}));
}

#[tokio::test]
async fn a_centre_inside_reports_the_hosts_own_errors() {
    const FILE: &str = "examples/embedded-centre/src/main.rs";
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("own.db");
    let service = Service::start("embedded-centre", "http://127.0.0.1:1", &[database.to_str().unwrap()]);
    assert_eq!(service.http.get("/users/7").await.status, 500);
    let center = Http::new(format!("{}/logcenter", service.http.base));
    let issue = issue_at(&center, FILE, "users").await;
    assert_eq!(issue["project_id"], "embedded-centre");
    assert_eq!(center.issues("").await.len(), 1);
}
