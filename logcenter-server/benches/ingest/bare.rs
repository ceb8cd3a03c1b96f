//! The ceiling: axum parses the report into a struct and responds.

use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use std::hint::black_box;

#[derive(Deserialize)]
#[expect(dead_code, reason = "parsing is what is measured")]
struct Report {
    project_id: String,
    environment: String,
    level: String,
    source: Option<String>,
    timestamp: Option<String>,
    version: Option<String>,
    commit_hash: Option<String>,
    repo_url: Option<String>,
    error: ReportError,
    context: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "parsing is what is measured")]
struct ReportError {
    r#type: String,
    message: String,
    file_path: Option<String>,
    line_number: Option<u64>,
    stack_trace: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Answer {
    message: &'static str,
    id: u64,
}

async fn report(Json(report): Json<Report>) -> Json<Answer> {
    black_box(report);
    Json(Answer { message: "Log reported", id: 1 })
}

pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        let router = Router::new().route("/api/v1/logs/report", post(report));
        axum::serve(listener, router).await.expect("serving");
    });
}
