//! `logcenter project`

use crate::api::Api;
use crate::args::{Project, ProjectCommand};
use crate::exit::Failure;
use crate::output::{cell, show, table};
use reqwest::Method;
use serde_json::{Map, Value};

pub(crate) async fn project(args: Project) -> Result<(), Failure> {
    let api = Api::new(&args.server, None)?;
    let output = args.server.output;
    match args.command {
        ProjectCommand::List => show(output, &api.get("/api/v1/projects", &[]).await?, list),
        ProjectCommand::Get { project_id } => {
            show(output, &api.get(&format!("/api/v1/projects/{project_id}"), &[]).await?, one);
        }
        ProjectCommand::Set { project_id, name, repo_url, local_path, description, regression_rule } => {
            let texts = [
                ("name", name),
                ("repo_url", repo_url),
                ("local_path", local_path),
                ("description", description),
            ];
            let mut body: Map<String, Value> = texts
                .into_iter()
                .filter_map(|(field, text)| Some((field.into(), text?)))
                .map(|(field, text): (String, String)| {
                    (field, if text.is_empty() { Value::Null } else { text.into() })
                })
                .collect();
            if let Some(rule) = regression_rule {
                body.insert("regression_rule".into(), rule.as_str().into());
            }
            let path = format!("/api/v1/projects/{project_id}");
            show(output, &api.send_json(Method::PUT, &path, &body.into()).await?, one);
        }
    }
    Ok(())
}

fn list(answer: &Value) -> String {
    let row = |project: &Value| {
        vec![
            cell(&project["project_id"], 40),
            cell(&project["name"], 30),
            cell(&project["complete"], 8),
            cell(&project["repo_url"], 60),
        ]
    };
    let rows: Vec<_> = answer["projects"].as_array().into_iter().flatten().map(row).collect();
    table(&["PROJECT", "NAME", "COMPLETE", "REPOSITORY"], &rows)
}

fn one(project: &Value) -> String {
    let fields = project.as_object().into_iter().flatten();
    fields.map(|(field, value)| format!("{field:<16} {}\n", cell(value, 200))).collect()
}
