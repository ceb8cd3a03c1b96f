//! An issue for use elsewhere: as Markdown, or as a shell command.

use super::page_context::Ui;
use crate::domain::{Issue, IssueDetail};
use crate::http::escape::printable;
use logcenter_core::ProjectId;
use serde_json::Value;

/// Longest address, in bytes, that is turned into a command.
const LONGEST_URL: usize = 2048;

/// The context as a value, `Null` if there is none.
pub(crate) fn context(issue: &IssueDetail) -> Value {
    issue.context.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// `file:line`, if the error has them.
pub(crate) fn location(issue: &Issue) -> Option<String> {
    let file = issue.error.file_path.as_ref().filter(|file| !file.is_empty())?;
    Some(match issue.error.line_number {
        Some(line) => format!("{file}:{line}"),
        None => file.clone(),
    })
}

/// Text as a single word of a POSIX shell, without any special meaning.
fn quoted(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The command that fetches the issue.
pub(crate) fn curl(ui: &Ui, issue: &Issue) -> String {
    let address = quoted(&format!("{}/api/v1/issues/{}", ui.api, issue.id));
    format!("curl{} {address}", authorization(ui))
}

/// The command that reports a deployment of a project.
pub(crate) fn deploy(ui: &Ui, project_id: &ProjectId) -> String {
    let address = quoted(&format!("{}/api/v1/deployments", ui.api));
    let body = format!(
        r#"{{"project_id": "{project_id}", "environment": "production", "version": "1.0.0", "commit_hash": "'"$(git rev-parse HEAD)"'"}}"#
    );
    format!("curl{} {address} -H 'Content-Type: application/json' \\\n  -d '{body}'", authorization(ui))
}

const fn authorization(ui: &Ui) -> &'static str {
    if ui.can_sign_out { " -H \"Authorization: Bearer $LOGCENTER_ADMIN_TOKEN\"" } else { "" }
}

/// The command that repeats the failed request, if the context has its full address.
pub(crate) fn request(context: &Value) -> Option<String> {
    let at = |key: &str| context.get(key).or_else(|| context.get("request")?.get(key))?.as_str();
    let url = at("url").filter(|url| url.starts_with("http://") || url.starts_with("https://"))?;
    let url = Some(url).filter(|url| url.len() <= LONGEST_URL)?;
    let is_word = |method: &&str| !method.is_empty() && method.bytes().all(|b| b.is_ascii_alphabetic());
    let method = at("method").filter(is_word).unwrap_or("GET").to_ascii_uppercase();
    // -g: brackets and braces in an address from a report must not make curl request a thousand addresses.
    Some(format!("curl -g -X {method} {}", quoted(url)))
}

/// The text in a code fence that it cannot close.
pub(crate) fn fenced(text: &str) -> String {
    let text = printable(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// Text on a single line, without any special meaning in Markdown.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in printable(text).chars() {
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
