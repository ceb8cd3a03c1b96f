//! `logcenter project`

use crate::api::api;
use crate::args::{Project, ProjectCommand};
use crate::exit::Failure;
use crate::output::{cell, show, table};
use logcenter_client::api::ProjectEdit;
use serde_json::{Value, json};

pub(crate) async fn project(args: Project) -> Result<(), Failure> {
    let api = api(&args.server, None)?;
    let output = args.server.output;
    match args.command {
        ProjectCommand::List => show(output, &json!({"projects": api.projects().await?}), list),
        ProjectCommand::Get { project_id } => show(output, &api.project(&project_id).await?, one),
        ProjectCommand::Set { project_id, name, repo_url, local_path, description, regression_rule } => {
            // An empty string clears the field.
            let edit = |text: Option<String>| text.map(|text| Some(text).filter(|text| !text.is_empty()));
            let edit = ProjectEdit {
                name: edit(name),
                repo_url: edit(repo_url),
                local_path: edit(local_path),
                description: edit(description),
                regression_rule,
            };
            show(output, &api.edit_project(&project_id, &edit).await?, one);
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
