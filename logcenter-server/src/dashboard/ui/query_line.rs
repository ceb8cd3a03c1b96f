//! The issue filter as text: `status:NEW project:shop source:cicd env:production level:CRITICAL text`.

use crate::dashboard::ui::form::Form;
use crate::domain::IssueFilter;
use crate::domain::search::{Word, words_with};
use std::str::FromStr;

/// A parsed query.
#[derive(Default)]
pub(crate) struct Query {
    pub(crate) filter: IssueFilter,
    /// `key:value` words whose value is invalid.
    pub(crate) wrong: Vec<String>,
}

/// The keys whose values may be quoted.
const KEYS: &[&str] = &["status:", "project:", "source:", "level:", "env:", "environment:"];

/// Quotes a text so that it is read as one word.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The value after a word's colon, quoted if necessary.
fn value_text(text: &str) -> String {
    if text.contains(|c: char| c.is_whitespace() || c == '"') { quoted(text) } else { text.into() }
}

impl Query {
    /// Parses a query.
    pub(crate) fn read(line: &str) -> Self {
        let mut query = Self::default();
        let mut text: Vec<String> = Vec::new();
        for Word { text: word, quoted: is_quoted } in words_with(line, |start| KEYS.contains(&start)) {
            let pair = word.split_once(':').filter(|(_, value)| !is_quoted && !value.is_empty());
            let Some((key, value)) = pair else {
                text.push(if is_quoted { quoted(&word) } else { word });
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

    /// Replaces the filter with what the controls say, keeping the search text. `None` if the controls were not used.
    pub(crate) fn controlled(mut self, query: &mut Form) -> Option<Self> {
        query.take("controls")?;
        self.filter.status = query.take("status").and_then(|word| word.parse().ok());
        self.filter.project_id = query.take("project").and_then(|word| word.parse().ok());
        self.filter.source = query.take("source").and_then(|word| word.parse().ok());
        self.filter.level = query.take("level").and_then(|word| word.parse().ok());
        self.filter.environment = query.take("environment");
        Some(self)
    }

    /// The query as text.
    pub(crate) fn line(&self) -> String {
        let filter = &self.filter;
        let mut words = Vec::new();
        let mut word = |key: &str, value: Option<&str>| {
            words.extend(value.map(|value| format!("{key}:{}", value_text(value))))
        };
        word("status", filter.status.map(|status| status.as_str()));
        word("project", filter.project_id.as_ref().map(|project_id| project_id.as_str()));
        word("source", filter.source.map(|source| source.as_str()));
        word("env", filter.environment.as_deref());
        word("level", filter.level.map(|level| level.as_str()));
        words.extend(filter.q.clone());
        words.extend(self.wrong.iter().map(|wrong| match wrong.split_once(':') {
            Some((key, value)) => format!("{key}:{}", value_text(value)),
            None => quoted(wrong),
        }));
        words.join(" ")
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
            "env:\"a \"\"b\"\"\" plain",
            "\"two  spaces\"",
            "level:ERROR \"status:NEW in the text\"",
            "\"he said \"\"no\"\"\"",
            "\" \"",
            "",
        ] {
            let query = Query::read(line);
            assert_eq!(query.line(), line);
            assert!(query.wrong.is_empty(), "{line}");
        }
        let query = Query::read("status:new level:error nobody");
        assert_eq!(query.line(), "status:NEW level:ERROR nobody");
        let text = |line: &str| Query::read(line).filter.q.unwrap_or_default();
        assert_eq!(text("\"status:NEW  x\" y"), "\"status:NEW  x\" y");
        assert_eq!(text("relation \"users\" level:ERROR is"), "relation \"users\" is");
    }

    #[test]
    fn what_does_not_fit_is_told_and_stays_in_the_line() {
        let query = Query::read("status:OPEN project:a/b text");
        assert_eq!(query.wrong, ["status:OPEN", "project:a/b"]);
        assert_eq!(query.line(), "text status:OPEN project:a/b");
        let query = Query::read("status:\"not so\"");
        assert_eq!((query.wrong[0].as_str(), query.line()), ("status:not so", "status:\"not so\"".into()));
    }
}
