//! `logcenter issues`

use crate::api::api;
use crate::args::{Issues, IssuesCommand, IssuesList, IssuesStatus};
use crate::exit::Failure;
use crate::output::{cell, printable, show, table};
use logcenter_client::api::{IssueFilter, StatusChange};
use serde_json::Value;

pub(crate) async fn issues(args: Issues) -> Result<(), Failure> {
    let api = api(&args.server, None)?;
    let output = args.server.output;
    match args.command {
        IssuesCommand::List(wanted) => show(output, &api.issues(&filter(wanted)).await?, list),
        IssuesCommand::Show { id } => show(output, &api.issue(id).await?, one),
        IssuesCommand::Status(wanted) => {
            let id = wanted.id;
            show(output, &api.change(id, &change(wanted)).await?, |issue| {
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

fn filter(wanted: IssuesList) -> IssueFilter {
    IssueFilter {
        project_id: wanted.project,
        status: wanted.status,
        source: wanted.source,
        level: wanted.level,
        environment: wanted.environment,
        q: Some(wanted.q.join(" ")).filter(|q| !q.is_empty()),
        sort: Some(wanted.sort),
        limit: Some(wanted.limit),
        cursor: wanted.cursor,
        ..IssueFilter::default()
    }
}

fn change(wanted: IssuesStatus) -> StatusChange {
    StatusChange {
        status: wanted.status,
        expected_status: wanted.expected_status,
        expected_revision: wanted.expected_revision,
        note: wanted.note,
        actor: wanted.actor,
        force: wanted.force,
        commit_hash: wanted.commit,
        pull_request_url: wanted.pull_request,
        lease_token: None,
    }
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
