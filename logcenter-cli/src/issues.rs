//! `logcenter issues`

use crate::api::Api;
use crate::args::{Issues, IssuesCommand, IssuesList, IssuesStatus};
use crate::exit::Failure;
use crate::output::{cell, printable, show, table};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) async fn issues(args: Issues) -> Result<(), Failure> {
    let api = Api::new(&args.server, None)?;
    let output = args.server.output;
    match args.command {
        IssuesCommand::List(filter) => show(output, &api.get("/api/v1/issues", &query(filter)).await?, list),
        IssuesCommand::Show { id } => {
            show(output, &api.get(&format!("/api/v1/issues/{id}"), &[]).await?, one)
        }
        IssuesCommand::Status(change) => {
            let path = format!("/api/v1/issues/{}", change.id);
            show(output, &api.send_json(Method::PATCH, &path, &body(&change)).await?, |issue| {
                format!(
                    "Issue {} is {} at revision {}\n",
                    issue["id"],
                    cell(&issue["status"], 20),
                    issue["revision"]
                )
            });
        }
    }
    Ok(())
}

fn query(filter: IssuesList) -> Vec<(&'static str, String)> {
    let optional = [
        ("project_id", filter.project.map(|project| project.to_string())),
        ("status", filter.status.map(|status| status.to_string())),
        ("source", filter.source.map(|source| source.to_string())),
        ("level", filter.level.map(|level| level.to_string())),
        ("environment", filter.environment),
        ("q", filter.q),
        ("cursor", filter.cursor),
    ];
    let given = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given.chain([("sort", filter.sort), ("limit", filter.limit.to_string())]).collect()
}

fn body(change: &IssuesStatus) -> Value {
    json!({
        "status": change.status,
        "note": change.note,
        "actor": change.actor,
        "force": change.force,
        "expected_status": change.expected_status,
        "expected_revision": change.expected_revision,
        "commit_hash": change.commit,
        "pull_request_url": change.pull_request,
    })
}

fn place(error: &Value) -> String {
    match (error["file_path"].as_str(), error["line_number"].as_i64()) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.into(),
        (None, _) => "-".into(),
    }
}

fn list(answer: &Value) -> String {
    let row = |issue: &Value| {
        let error = &issue["error"];
        vec![
            issue["id"].to_string(),
            cell(&issue["status"], 16),
            cell(&issue["project_id"], 24),
            cell(&error["type"], 32),
            cell(&place(error).into(), 40),
            issue["count"].to_string(),
            cell(&issue["last_seen"], 24),
            cell(&error["message"], 60),
        ]
    };
    let rows: Vec<_> = answer["issues"].as_array().into_iter().flatten().map(row).collect();
    let mut text =
        table(&["ID", "STATUS", "PROJECT", "TYPE", "WHERE", "COUNT", "LAST SEEN", "MESSAGE"], &rows);
    if let Some(cursor) = answer["next_cursor"].as_str() {
        text.push_str(&format!("More: --cursor {}\n", printable(cursor)));
    }
    text
}

fn one(issue: &Value) -> String {
    let error = &issue["error"];
    let mut text = format!("{}: {}\n\n", cell(&error["type"], 512), cell(&error["message"], 4000));
    let fields = [
        ("issue", issue["id"].clone()),
        ("project", issue["project_id"].clone()),
        ("status", issue["status"].clone()),
        ("revision", issue["revision"].clone()),
        ("where", place(error).into()),
        ("source", issue["source"].clone()),
        ("environment", issue["environment"].clone()),
        ("level", issue["level"].clone()),
        ("version", issue["version"].clone()),
        ("commit", issue["commit_hash"].clone()),
        ("count", issue["count"].clone()),
        ("regressions", issue["regressions"].clone()),
        ("first seen", issue["first_seen"].clone()),
        ("last seen", issue["last_seen"].clone()),
        ("trusted", issue["trusted"].clone()),
        ("fingerprint", issue["fingerprint"].clone()),
    ];
    for (name, value) in fields {
        text.push_str(&format!("{name:<12} {}\n", cell(&value, 400)));
    }
    for line in error["stack_trace"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        text.push_str(&format!("  {}\n", printable(line)));
    }
    if !issue["context"].is_null() {
        text.push_str(&format!("context\n{}\n", printable(&format!("{:#}", issue["context"]))));
    }
    text
}
