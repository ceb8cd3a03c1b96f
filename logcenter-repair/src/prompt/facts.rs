//! What is known of an error: what was reported, and what earlier attempts came to.

use super::clean::clean;
use logcenter_client::api::{Event, Issue};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

const LONGEST_MESSAGE: usize = 2 * 1024;
const LONGEST_STACK: usize = 16 * 1024;
const LONGEST_CONTEXT: usize = 4 * 1024;
const LONGEST_WORD: usize = 300;
const MOST_MESSAGES: usize = 5;

/// What was reported. Every text was cleaned and cut; whoever could reach the server may have written it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Facts {
    pub(crate) issue: i64,
    pub(crate) project: String,
    pub(crate) source: String,
    pub(crate) error_type: String,
    pub(crate) message: String,
    pub(crate) other_messages: Vec<String>,
    pub(crate) file_path: Option<String>,
    pub(crate) line_number: Option<u64>,
    pub(crate) stack_trace: String,
    pub(crate) context: String,
    pub(crate) count: i64,
    pub(crate) first_seen: String,
    pub(crate) last_seen: String,
    pub(crate) environments: Vec<String>,
    pub(crate) versions: Vec<String>,
    pub(crate) commit_hash: Option<String>,
    /// Whether somebody vouches for what was reported.
    pub(crate) trusted: bool,
}

/// What an earlier attempt came to.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    pub(crate) epoch: i64,
    pub(crate) verdict: String,
    pub(crate) reason: String,
    pub(crate) diff: String,
    pub(crate) tests: String,
}

impl Facts {
    /// What an issue and its events tell. If somebody vouches for an event, only such events are heard.
    pub(crate) fn of(issue: &Issue, events: &[Event]) -> Self {
        let trusted = events.iter().any(|event| event.trusted);
        let heard: Vec<&Event> = events.iter().filter(|event| event.trusted || !trusted).collect();
        let newest = heard.first();
        let error = newest.map_or(&issue.error, |event| &event.error);
        let context = newest.map_or(issue.context.as_ref(), |event| event.context.as_ref());
        let stack = error.stack_trace.as_deref().or(issue.error.stack_trace.as_deref()).unwrap_or_default();
        let distinct = |of: &dyn Fn(&Event) -> Option<&str>, bytes| -> Vec<String> {
            let texts: BTreeSet<String> =
                heard.iter().filter_map(|event| of(event)).map(|text| clean(text, bytes)).collect();
            texts.into_iter().take(MOST_MESSAGES).collect()
        };
        let message = clean(&error.message, LONGEST_MESSAGE);
        let mut other_messages = distinct(&|event| Some(&event.error.message), LONGEST_WORD);
        other_messages.retain(|other| !message.starts_with(other.as_str()));
        Self {
            issue: issue.id,
            project: issue.project_id.to_string(),
            source: issue.source.to_string(),
            error_type: clean(&error.error_type, LONGEST_WORD),
            message,
            other_messages,
            file_path: error.file_path.as_deref().map(|path| clean(path, LONGEST_WORD)),
            line_number: error.line_number,
            stack_trace: clean(&stack.join("\n"), LONGEST_STACK),
            context: context.filter(|context| !context.is_null()).map_or_else(String::new, readable),
            count: issue.count,
            first_seen: clean(&issue.first_seen, LONGEST_WORD),
            last_seen: clean(&issue.last_seen, LONGEST_WORD),
            environments: distinct(&|event| Some(&event.environment), LONGEST_WORD),
            versions: distinct(&|event| event.version.as_deref(), LONGEST_WORD),
            commit_hash: newest
                .and_then(|event| event.commit_hash.clone())
                .or_else(|| issue.commit_hash.clone()),
            trusted,
        }
    }
}

fn readable(context: &Value) -> String {
    clean(&format!("{context:#}"), LONGEST_CONTEXT)
}
