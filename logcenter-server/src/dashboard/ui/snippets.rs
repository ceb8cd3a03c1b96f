//! The snippets of the client documentation, with the project and this server's address filled in.

use super::page_context::Ui;

/// The document that contains the snippets; the tests execute each of them.
const DOCUMENT: &str = include_str!("../../../clients.md");

/// Name and title of the snippets, in the order of the page.
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
pub(crate) struct Snippet {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

/// Extracts a snippet from the document.
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

/// Adds an ingest key to each address of the API: every language can put it there, and so can a beacon.
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

/// The shortest command that reports an error.
pub(crate) fn first_report(ui: &Ui) -> String {
    let text = "curl -X POST 'http://localhost:8002/api/v1/logs/report' -d '{\"project_id\": \"your_project_id\", \
        \"environment\": \"development\", \"level\": \"ERROR\", \"error\": {\"type\": \"HelloError\", \
        \"message\": \"it works\", \"file_path\": \"hello.rs\", \"line_number\": 1}}'";
    filled(ui, text, "my_project")
}

/// All snippets, filled in.
pub(crate) fn all(ui: &Ui, project_id: &str) -> Vec<Snippet> {
    let snippet = |(name, title): (&'static str, &'static str)| {
        Some(Snippet { name, title, text: filled(ui, cut(name)?, project_id) })
    };
    SNIPPETS.into_iter().filter_map(snippet).collect()
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
