//! The context of an error as a table, with the request, the pipeline run or the pod first.

use logcenter_core::Source;
use serde_json::Value;

/// A fact of the context.
pub(crate) struct Fact {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) href: Option<String>,
}

/// An object in the context is shown key by key if it has at most this many keys, and a name of at most so many bytes.
const FLAT_KEYS: usize = 50;
const FLAT_NAME: usize = 64;

/// Longest address, in bytes, that becomes a link: browsers do not follow longer ones.
const LONGEST_URL: usize = 2048;

/// The keys that come first: the request, the pipeline run, the pod.
const FIRST: [&str; 22] = [
    "request",
    "method",
    "url",
    "route",
    "path",
    "request_path",
    "status",
    "request_id",
    "run_url",
    "workflow",
    "job_name",
    "step_name",
    "run_id",
    "branch",
    "actor",
    "commit",
    "namespace",
    "deployment_name",
    "pod_name",
    "container_name",
    "restart_count",
    "node_name",
];

/// Where an error without a source line occurred: the pipeline run or the pod.
pub(crate) fn origin_facts(source: Source, context: &Value) -> Vec<Fact> {
    let keys: &[&str] = match source {
        Source::Runtime => &[],
        Source::Cicd => &["workflow", "job_name", "step_name", "run_id", "branch", "run_url"],
        Source::Deployment => {
            &["namespace", "deployment_name", "pod_name", "container_name", "restart_count", "node_name"]
        }
    };
    let there =
        keys.iter().filter_map(|key| Some((*key, context.get(key).filter(|value| !value.is_null())?)));
    there.map(|(key, value)| fact(source, key.into(), value)).collect()
}

/// The context as a table.
pub(crate) fn facts(source: Source, context: &Value) -> Vec<Fact> {
    let Value::Object(context) = context else { return Vec::new() };
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    let mut entries: Vec<(&String, &Value)> = context.iter().collect();
    entries.sort_by_key(|(key, _)| rank(key));
    let mut facts = Vec::new();
    for (key, value) in entries {
        match value {
            // One level deep, every key has its own line, unless the name is so long that repeating it would be noise.
            Value::Object(inner) if (1..=FLAT_KEYS).contains(&inner.len()) && key.len() <= FLAT_NAME => {
                facts
                    .extend(inner.iter().map(|(inner, value)| fact(source, format!("{key}.{inner}"), value)));
            }
            value => facts.push(fact(source, key.clone(), value)),
        }
    }
    facts
}

fn fact(source: Source, key: String, value: &Value) -> Fact {
    let text = match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    // The only address that becomes a link is a pipeline's run; others could be anything.
    let is_run = source == Source::Cicd && key == "run_url" && is_web(&text) && text.len() <= LONGEST_URL;
    Fact { href: is_run.then(|| text.clone()), key, value: text }
}

fn is_web(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
        && !text.contains(char::is_whitespace)
}
