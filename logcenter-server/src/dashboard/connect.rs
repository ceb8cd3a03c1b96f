//! `GET /connect`: what to paste, with the project and this server's address filled in.

use super::fault::{Fault, html};
use super::form::Asked;
use super::issues::CHOICES;
use super::ui::Ui;
use crate::center::Center;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use logcenter_core::ProjectId;

/// The document that the snippets are cut from; the tests run each of them.
const DOCUMENT: &str = include_str!("../../clients.md");

/// The snippets in the order of the page, with what they are for.
const SNIPPETS: [(&str, &str); 13] = [
    ("rust-init", "Rust"),
    ("rust-axum", "Rust · axum, hyper, tower"),
    ("rust-actix", "Rust · actix-web"),
    ("curl", "curl"),
    ("python", "Python"),
    ("django", "Python · Django"),
    ("fastapi", "Python · FastAPI"),
    ("javascript", "JavaScript / TypeScript"),
    ("javascript-global", "JavaScript · window"),
    ("axios", "JavaScript · axios"),
    ("flutter", "Flutter / Dart"),
    ("pipeline", "CI · Gitea Actions, GitHub Actions, GitLab CI"),
    ("kubernetes", "Kubernetes"),
];

/// A snippet to copy.
struct Snippet {
    name: &'static str,
    title: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "connect.html")]
struct Page {
    ui: Ui,
    project_id: String,
    projects: Vec<String>,
    snippets: Vec<Snippet>,
}

/// A snippet of the document.
fn cut(name: &str) -> Option<&'static str> {
    let (_, rest) = DOCUMENT.split_once(&format!("<!-- snippet: {name} -->\n```"))?;
    let (_language, rest) = rest.split_once('\n')?;
    Some(rest.split_once("\n```")?.0)
}

fn filled(ui: &Ui, text: &str, project_id: &str) -> String {
    let text = text
        .replace("your_project_id", project_id)
        .replace("http://localhost:8002", &ui.api)
        .replace("${LOG_CENTER_URL}/", &format!("{}/", ui.api));
    if ui.needs_key { with_key(&text) } else { text }
}

/// The same with an ingest key in each address of the API: there every language and a beacon can put it.
fn with_key(text: &str) -> String {
    let mut keyed = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("/api/v1/") {
        let end = rest[at..].find(['"', '\'', '`', ' ', '\n']).map_or(rest.len(), |length| at + length);
        keyed.push_str(&rest[..end]);
        keyed.push_str("?key=your_ingest_key");
        rest = &rest[end..];
    }
    keyed + rest
}

/// The shortest way to the first error.
pub(super) fn first_report(ui: &Ui) -> String {
    let text = "curl -X POST 'http://localhost:8002/api/v1/logs/report' -d '{\"project_id\": \"your_project_id\", \
        \"environment\": \"development\", \"level\": \"ERROR\", \"error\": {\"type\": \"HelloError\", \
        \"message\": \"it works\", \"file_path\": \"hello.rs\", \"line_number\": 1}}'";
    filled(ui, text, "my_project")
}

/// `GET /connect`
pub(super) async fn connect(
    State(center): State<Center>,
    ui: Ui,
    Asked(mut asked): Asked,
) -> Result<Response, Fault> {
    let wanted = asked.take("project").and_then(|id| id.parse::<ProjectId>().ok());
    let project_id = wanted.map_or_else(|| "my_project".into(), |id| id.to_string());
    let projects = center.store.projects().await?.into_iter().take(CHOICES);
    let projects = projects.map(|project| project.project_id.to_string());
    let snippet = |(name, title): (&'static str, &'static str)| {
        Some(Snippet { name, title, text: filled(&ui, cut(name)?, &project_id) })
    };
    let snippets = SNIPPETS.into_iter().filter_map(snippet).collect();
    Ok(html(&Page { projects: projects.collect(), snippets, project_id, ui }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_snippet_is_in_the_document_and_every_one_of_the_document_is_shown() {
        for (name, _) in SNIPPETS {
            assert!(cut(name).is_some(), "{name}");
        }
        assert_eq!(DOCUMENT.matches("<!-- snippet: ").count(), SNIPPETS.len());
        let script = "fetch(`${URL}/api/v1/projects/${ID}`);\nsend('/api/v1/logs/report')";
        let keyed = "fetch(`${URL}/api/v1/projects/${ID}?key=your_ingest_key`);\nsend('/api/v1/logs/report?key=your_ingest_key')";
        assert_eq!(with_key(script), keyed);
    }
}
