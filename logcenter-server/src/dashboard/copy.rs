//! An issue to take along: as Markdown, as JSON, as a command.

use super::fault::Fault;
use super::form::{Asked, Form};
use super::issue::{Id, at_event};
use super::issues::place;
use super::ui::Ui;
use crate::center::{Center, Inner};
use crate::domain::{Issue, Json, StackTrace};
use crate::shown::visible;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

const PLAIN: [(HeaderName, &str); 1] = [(CONTENT_TYPE, "text/plain; charset=utf-8")];

/// An address longer than so many bytes is in the context, but not said again as a command.
const LONGEST_URL: usize = 2048;

/// The stack as text.
pub(super) fn stack(issue: &Issue) -> &str {
    match &issue.error.stack_trace {
        Some(Some(StackTrace(text))) => text,
        Some(None) | None => "",
    }
}

/// The context, `Null` if there is none.
pub(super) fn context(issue: &Issue) -> Value {
    match &issue.context {
        Some(Some(Json(text))) => serde_json::from_str(text).unwrap_or_default(),
        Some(None) | None => Value::Null,
    }
}

/// Text as one word of a POSIX shell: nothing in it means anything.
fn quoted(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The command that reads the issue.
pub(super) fn curl(ui: &Ui, issue: &Issue) -> String {
    let address = quoted(&format!("{}/api/v1/issues/{}", ui.api, issue.id));
    let token = if ui.can_sign_out { " -H \"Authorization: Bearer $LOGCENTER_ADMIN_TOKEN\"" } else { "" };
    format!("curl{token} {address}")
}

/// The command that makes the request again in which the error arose, if the context tells one with its whole address.
pub(super) fn request(context: &Value) -> Option<String> {
    let at = |key: &str| context.get(key).or_else(|| context.get("request")?.get(key))?.as_str();
    let url = at("url").filter(|url| url.starts_with("http://") || url.starts_with("https://"))?;
    let url = Some(url).filter(|url| url.len() <= LONGEST_URL)?;
    let is_word = |method: &&str| !method.is_empty() && method.bytes().all(|b| b.is_ascii_alphabetic());
    let method = at("method").filter(is_word).unwrap_or("GET").to_ascii_uppercase();
    // -g: brackets and braces of an address from a report must not make curl ask for a thousand of them.
    Some(format!("curl -g -X {method} {}", quoted(url)))
}

/// A fence that the text does not end.
fn fenced(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// Text that keeps to its line and means nothing in Markdown.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in visible(text).chars() {
        match character {
            control if control.is_control() => plain.push(' '),
            special if special.is_ascii_punctuation() && !".,:;/-()=+".contains(special) => {
                plain.push('\\');
                plain.push(special);
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The issue as the page shows it: its latest event, or the one that is asked for.
async fn shown(center: &Inner, id: i64, asked: &mut Form) -> Result<Issue, Fault> {
    let issue = center.store.issue(id).await?.ok_or(Fault::NotFound)?;
    match asked.take("event").and_then(|number| number.parse().ok()) {
        Some(number) => at_event(center, issue, number).await,
        None => Ok(issue),
    }
}

/// `GET /issues/{id}/stack`: all of it, as text that can be seen: it may be pasted into a terminal.
pub(super) async fn stack_alone(
    State(center): State<Center>,
    Id(id): Id,
    Asked(mut asked): Asked,
) -> Result<Response, Fault> {
    let issue = shown(&center, id, &mut asked).await?;
    Ok((PLAIN, visible(stack(&issue))).into_response())
}

/// `GET /issues/{id}/markdown`
pub(super) async fn markdown(
    State(center): State<Center>,
    ui: Ui,
    Id(id): Id,
    Asked(mut asked): Asked,
) -> Result<Response, Fault> {
    let issue = shown(&center, id, &mut asked).await?;
    let mut text = format!("# {}\n\n{}\n", plain(&issue.error.error_type), fenced(&issue.error.message));
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!("- {name}: {}\n", plain(&value)));
        }
    };
    line("place", place(&issue));
    line("project", Some(issue.project_id.to_string()));
    line("source", Some(issue.source.to_string()));
    line("environment", Some(issue.environment.clone()));
    line("level", Some(issue.level.to_string()));
    line("status", Some(issue.status.to_string()));
    line("version", issue.version.clone());
    line("commit", issue.commit_hash.clone());
    line("count", Some(issue.count.to_string()));
    line("first seen", Some(issue.first_seen.to_string()));
    line("last seen", Some(issue.last_seen.to_string()));
    text.push_str(&format!("- issue: {}/issues/{id}\n", ui.address));
    if !stack(&issue).is_empty() {
        text.push_str(&format!("\n## Stack\n\n{}", fenced(stack(&issue))));
    }
    let context = context(&issue);
    if !context.is_null() {
        let pretty = serde_json::to_string_pretty(&context).unwrap_or_default();
        text.push_str(&format!("\n## Context\n\n{}", fenced(&pretty)));
    }
    Ok((PLAIN, text).into_response())
}

/// `GET /issues/{id}/json`
pub(super) async fn json(State(center): State<Center>, Id(id): Id) -> Result<Response, Fault> {
    let issue = center.store.issue(id).await?.ok_or(Fault::NotFound)?;
    let text = serde_json::to_string_pretty(&issue).unwrap_or_default();
    let file = format!("inline; filename=\"issue-{id}.json\"");
    Ok(([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, file)], text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_command_runs_nothing_but_itself() {
        let hostile = json!({"url": "https://host/'; rm -rf / #`id`$(id)\n", "method": "GET; id"});
        assert_eq!(request(&hostile).unwrap(), r"curl -g -X GET 'https://host/'\''; rm -rf / #`id`$(id) '");
        assert_eq!(request(&json!({"url": "/relative"})), None);
        assert_eq!(request(&json!({"url": "--output=x"})), None);
    }

    #[test]
    fn text_stays_in_its_fence_and_its_line() {
        assert_eq!(fenced("a\n````\nb"), "`````text\na\n````\nb\n`````\n");
        assert_eq!(plain("<b>[x](y)\n# z_z"), r"\<b\>\[x\](y) \# z\_z");
    }
}
