//! The query line: `status:NEW project:shop source:cicd env:production level:CRITICAL text`.

use super::form::Form;
use crate::domain::IssueFilter;
use std::fmt::Write;
use std::str::FromStr;

/// A query line as it was read.
#[derive(Default)]
pub(super) struct Query {
    pub(super) filter: IssueFilter,
    /// Words before a colon with what does not fit them.
    pub(super) wrong: Vec<String>,
}

/// The words of a line; `"…"` keeps spaces together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    for character in line.chars() {
        match character {
            '"' => (quoted, begun) = (!quoted, true),
            space if space.is_whitespace() && !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => {
                word.push(other);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

impl Query {
    /// Reads a line.
    pub(super) fn read(line: &str) -> Self {
        let mut query = Self::default();
        let mut text: Vec<String> = Vec::new();
        for word in words(line) {
            let Some((key, value)) = word.split_once(':').filter(|(_, value)| !value.is_empty()) else {
                text.push(word);
                continue;
            };
            let upper = value.to_ascii_uppercase();
            let fits = match key {
                "status" => query.set(|filter| &mut filter.status, &upper),
                "project" => query.set(|filter| &mut filter.project_id, value),
                "source" => query.set(|filter| &mut filter.source, &value.to_ascii_lowercase()),
                "level" => query.set(|filter| &mut filter.level, &upper),
                "env" | "environment" => query.set(|filter| &mut filter.environment, value),
                // `std::io` and `http://host` are text.
                _ => {
                    text.push(word);
                    continue;
                }
            };
            if !fits {
                query.wrong.push(word);
            }
        }
        query.filter.q = Some(text.join(" ")).filter(|text| !text.is_empty());
        query
    }

    fn set<T: FromStr>(&mut self, field: impl Fn(&mut IssueFilter) -> &mut Option<T>, value: &str) -> bool {
        let value = value.parse().ok();
        let fits = value.is_some();
        if fits {
            *field(&mut self.filter) = value;
        }
        fits
    }

    /// What the controls beside the line say, instead of what it says. `None` when they say nothing.
    pub(super) fn controlled(mut self, asked: &mut Form) -> Option<Self> {
        asked.take("controls")?;
        self.filter.status = asked.take("status").and_then(|word| word.parse().ok());
        self.filter.project_id = asked.take("project").and_then(|word| word.parse().ok());
        self.filter.source = asked.take("source").and_then(|word| word.parse().ok());
        self.filter.level = asked.take("level").and_then(|word| word.parse().ok());
        self.filter.environment = asked.take("environment");
        Some(self)
    }

    /// The line that says the same.
    pub(super) fn line(&self) -> String {
        let filter = &self.filter;
        let mut line = String::new();
        let mut word = |key: &str, value: Option<&str>| {
            let Some(value) = value else { return };
            let space = if line.is_empty() { "" } else { " " };
            let quote = if value.contains(char::is_whitespace) { "\"" } else { "" };
            let _ = write!(line, "{space}{key}:{quote}{value}{quote}");
        };
        word("status", filter.status.map(|status| status.as_str()));
        word("project", filter.project_id.as_ref().map(|project_id| project_id.as_str()));
        word("source", filter.source.map(|source| source.as_str()));
        word("env", filter.environment.as_deref());
        word("level", filter.level.map(|level| level.as_str()));
        let parts = [line.as_str(), filter.q.as_deref().unwrap_or_default()];
        let parts = parts.into_iter().chain(self.wrong.iter().map(String::as_str));
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_said_again() {
        for line in [
            "status:NEW project:rtc_backend source:cicd env:production level:CRITICAL time out",
            "env:\"feature a\" std::io::Error",
            "http://host/path x:",
            "",
        ] {
            let query = Query::read(line);
            assert_eq!(query.line(), line);
            assert!(query.wrong.is_empty(), "{line}");
        }
        let query = Query::read("status:new level:error nobody");
        assert_eq!(query.line(), "status:NEW level:ERROR nobody");
    }

    #[test]
    fn what_does_not_fit_is_told_and_stays_in_the_line() {
        let query = Query::read("status:OPEN project:a/b text");
        assert_eq!(query.wrong, ["status:OPEN", "project:a/b"]);
        assert_eq!(query.line(), "text status:OPEN project:a/b");
    }
}
