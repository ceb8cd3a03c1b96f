//! Turns an incident into a report: decides which file and line it names, and what else it says.

use super::symbols::Symbols;
use super::title::title;
use crate::app::AppInfo;
use crate::client::Client;
use crate::incident::{CAUSE_BYTES, Incident, ResponseStatus};
use crate::place::Place;
use crate::report::Report;
use crate::scrub;
use crate::snapshot::Snapshot;
use crate::stack::Stack;
use crate::text::{self, MESSAGE};
use crate::type_name::UNKNOWN;
use logcenter_core::path::{self, CanonicalPath, PATH_RULES};
use logcenter_core::report::MAX_COUNT;
use serde_json::{Map, Value, json};

/// Largest context, and longest text in it, in bytes.
const CONTEXT: usize = 16 * 1024;
const CONTEXT_TEXT: usize = 4 * 1024;

/// Longest text of a context that is searched for secrets: far longer than what is kept, so that no secret is cut in
/// two before it is found.
const SCRUBBED_TEXT: usize = 64 * 1024;

/// Files of the functions that capture a stack trace and say nothing about the error.
const OWN: &[&str] =
    &["logcenter-client/src/", "logcenter-panic/src/", "logcenter-tower/src/", "dep:backtrace/src/"];

/// The same functions by name, for builds without file names.
const OWN_NAMES: &[&str] = &["logcenter_client::", "logcenter_panic::", "logcenter_tower::", "backtrace::"];

/// Starts of the names of functions that panic, print or log: on top of a stack they say nothing.
const MACHINERY: &[&str] = &[
    "std::",
    "core::",
    "alloc::",
    "rust_",
    "__rust",
    "_R",
    "tracing::",
    "tracing_core::",
    "tracing_log::",
    "tracing_subscriber::",
    "log::",
];

/// A line of a stack trace.
struct StackLine {
    text: String,
    path: Option<CanonicalPath>,
    line: Option<u32>,
}

impl StackLine {
    fn is_at(&self, path: &CanonicalPath, line: u32) -> bool {
        self.line == Some(line) && self.path.as_ref().is_some_and(|own| own.text == path.text)
    }
}

/// Turns an incident into a report.
pub(super) fn compose(
    client: &Client,
    symbols: &mut Symbols,
    incident: Incident,
    event_id: String,
) -> Report {
    let Incident(incident) = incident;
    let config = client.config();
    let lines = incident.stack.as_ref().map(|stack| lines(stack, symbols, &config.app)).unwrap_or_default();

    let mut canonical = |place: &Place| (spelled(&place.file, symbols, &config.app), place.line);
    let own = incident.place.as_ref().map(&mut canonical).filter(|(path, _)| path.in_app);
    let in_stack =
        || lines.iter().find_map(|line| Some((line.path.clone().filter(|path| path.in_app)?, line.line?)));
    let around = incident.around.as_ref().map(&mut canonical).filter(|(path, _)| path.in_app);
    // A panic in a library is reported at its own place; for an error that was created in one, that place says
    // nothing.
    let foreign = incident.place.as_ref().filter(|_| incident.is_panic).map(canonical);
    let place = own.or_else(in_stack).or(around).or(foreign);
    let mut lines = lines;
    if let Some((path, line)) = &place
        && let Some(at) = lines.iter().position(|frame| frame.is_at(path, *line))
        && lines[..at].iter().all(|frame| frame.path.as_ref().is_none_or(|path| !path.in_app))
    {
        // What was called from there to tell of the error says nothing about it.
        lines.drain(..at);
    }

    let (mut error_type, message) = title(&incident.chain);
    let message = text::cut(&message, MESSAGE);
    if error_type == UNKNOWN
        && place.is_none()
        && let Some(ResponseStatus::Status(status)) = incident.answer
    {
        error_type = format!("Http{status}");
    }
    if place.is_none()
        && let Some(request) = &incident.request
    {
        error_type = format!("{error_type} {}", request.name());
    }
    let mut context = incident.context;
    if let Some(request) = &incident.request {
        let request = request_json(request, incident.answer, &config.scrub);
        context.insert("request".into(), request);
    }
    if incident.chain.len() > 1 {
        let chain = incident.chain.iter().map(
            |cause| json!({"type": cause.error_type, "message": text::cut(&scrub::text(&cause.message, &config.scrub), CAUSE_BYTES)}),
        );
        context.insert("chain".into(), chain.collect());
    }
    if !incident.breadcrumbs.is_empty() {
        let lines = incident.breadcrumbs.iter().map(|line| {
            json!({"at": line.at, "level": line.level, "text": scrub::text(&line.text, &config.scrub)})
        });
        context.insert("breadcrumbs".into(), lines.collect());
    }
    if let Some(told) = incident.request.as_ref().and_then(|request| request.told.as_ref()) {
        if !told.user.is_empty() {
            context.insert("user".into(), json!({"id": told.user}));
        }
        if !told.tags.is_empty() {
            context.insert("tags".into(), json!(told.tags));
        }
    }
    context.insert("path_rules".into(), PATH_RULES.into());
    // Nothing beyond this is kept, so nothing beyond it has to be searched for secrets.
    context.values_mut().for_each(|value| bound_texts(value, SCRUBBED_TEXT));
    scrub::map(&mut context, &config.scrub);
    bound(&mut context);
    Report {
        level: incident.level,
        error_type: first_chars(&scrub::text(&error_type, &config.scrub), 512),
        message: scrub::text(&message, &config.scrub).into_owned(),
        line_number: place.as_ref().map(|(_, line)| *line),
        file_path: place.map(|(path, _)| path.text),
        stack_trace: lines.into_iter().map(|line| line.text).collect(),
        context,
        environment: config.environment.clone(),
        count: incident.count.clamp(1, MAX_COUNT),
        event_id,
        at: incident.at,
    }
}

fn first_chars(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// The canonical spelling of a path, whichever way the build spells that of the workspace.
fn spelled(file: &str, symbols: &mut Symbols, app: &AppInfo) -> CanonicalPath {
    let path = path::canonical(file, app.root.as_deref());
    if path.in_app || !path.text.starts_with('/') {
        return path;
    }
    path::canonical(file, symbols.debug_root(app).as_deref())
}

/// The frames of a stack trace, starting where the program's own code does.
fn lines(stack: &Stack, symbols: &mut Symbols, app: &AppInfo) -> Vec<StackLine> {
    let mut lines = Vec::new();
    for &address in &stack.0 {
        for frame in &*symbols.resolve(address) {
            let function = frame.function.as_deref().unwrap_or("?");
            let path = frame.file.as_deref().map(|file| {
                let path = spelled(file, symbols, app);
                // The C library's files have relative paths, too.
                CanonicalPath { in_app: path.in_app && file.ends_with(".rs"), ..path }
            });
            if function.contains("__rust_begin_short_backtrace") {
                // The frames outside it start every thread.
                return lines;
            }
            let bare = function.trim_start_matches('<');
            let is_machinery = path.as_ref().is_some_and(|path| path.text.starts_with("std:"))
                || MACHINERY.iter().any(|start| bare.starts_with(start))
                || path.as_ref().is_some_and(|path| path.text.starts_with("dep:tracing"));
            let is_own = OWN_NAMES.iter().any(|start| bare.starts_with(start))
                || function.contains(" as logcenter_")
                || path.as_ref().is_some_and(|path| OWN.iter().any(|own| path.text.contains(own)));
            if is_own || lines.is_empty() && (is_machinery || function == "?") {
                continue;
            }
            let text = match (&path, frame.line) {
                (Some(path), Some(line)) => format!("{function} at {}:{line}", path.text),
                _ => function.into(),
            };
            lines.push(StackLine { text: text::cut(&text, 1024), path, line: frame.line });
        }
    }
    lines
}

/// A request as JSON, without secrets.
fn request_json(request: &Snapshot, answer: Option<ResponseStatus>, secrets: &[String]) -> Value {
    let mut fields = Map::new();
    fields.insert("method".into(), request.method.as_str().into());
    let mut tell = |key: &str, text: &str| {
        if !text.is_empty() {
            fields.insert(key.into(), text.into());
        }
    };
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    tell("route", &request.route);
    tell("path", path);
    tell("query", &scrub::text(query, secrets));
    tell("request_id", &request.request_id);
    if let Some(headers) = &request.headers {
        let lossy = |value: &http::HeaderValue| text::cut(&String::from_utf8_lossy(value.as_bytes()), 512);
        let headers: Map<_, _> =
            headers.iter().map(|(name, value)| (name.as_str().to_owned(), lossy(value).into())).collect();
        fields.insert("headers".into(), headers.into());
    }
    match answer {
        Some(ResponseStatus::Status(status)) => drop(fields.insert("status".into(), status.into())),
        Some(ResponseStatus::GrpcCode(code)) => drop(fields.insert("grpc_code".into(), code.into())),
        None => {}
    }
    fields.into()
}

/// Replaces a value that made a context too large.
const LEFT_OUT: &str = "… left out: too large …";

/// Longest key of a context, in bytes.
const CONTEXT_KEY: usize = 256;

/// Bounds a context: cuts long keys and texts, then replaces the largest values with a note, then, if there are too
/// many to name them all, drops and counts the largest entries.
fn bound(context: &mut Map<String, Value>) {
    *context = std::mem::take(context)
        .into_iter()
        .map(|(key, mut value)| {
            bound_texts(&mut value, CONTEXT_TEXT);
            (text::cut(&key, CONTEXT_KEY), value)
        })
        .collect();
    let size = |value: &Value| value.to_string().len();
    let mut entries: Vec<(usize, String)> =
        context.iter().map(|(key, value)| (key.len() + size(value), key.clone())).collect();
    let mut total: usize = entries.iter().map(|(size, _)| size).sum();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.0));
    let note = Value::from(LEFT_OUT);
    for (size_before, key) in &mut entries {
        let size_after = key.len() + size(&note);
        if total <= CONTEXT {
            break;
        }
        if *size_before <= size_after {
            continue;
        }
        total -= *size_before - size_after;
        *size_before = size_after;
        context.insert(key.clone(), note.clone());
    }
    if total <= CONTEXT {
        return;
    }
    const COUNT: &str = "left_out";
    let mut left_out: u64 = 0;
    for (size, key) in &entries {
        if total + COUNT.len() + 20 <= CONTEXT {
            break;
        }
        total -= size;
        left_out += 1;
        context.remove(key);
    }
    context.insert(COUNT.into(), left_out.into());
}

fn bound_texts(value: &mut Value, most: usize) {
    match value {
        Value::String(text) if text.len() > most => *text = text::cut(text, most),
        Value::Array(items) => items.iter_mut().for_each(|item| bound_texts(item, most)),
        Value::Object(object) => object.values_mut().for_each(|item| bound_texts(item, most)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(context: &Map<String, Value>) -> usize {
        context.iter().map(|(key, value)| key.len() + value.to_string().len()).sum()
    }

    #[test]
    fn a_context_of_any_shape_is_bounded() {
        let shapes: [Map<String, Value>; 4] = [
            [("k".repeat(20_000), json!(1))].into_iter().collect(),
            (0..450).map(|n| (format!("key {n:04}"), json!("v".repeat(31)))).collect(),
            (0..5000).map(|n| (format!("{n}"), json!(n))).collect(),
            [("text".to_owned(), json!("t".repeat(100_000))), ("kept".to_owned(), json!("short"))]
                .into_iter()
                .collect(),
        ];
        for mut context in shapes {
            bound(&mut context);
            assert!(total(&context) <= CONTEXT, "{}", total(&context));
            assert!(!context.is_empty());
        }
    }

    #[test]
    fn the_longest_go_first_and_what_is_left_out_is_said() {
        let mut context: Map<String, Value> = (0..10).map(|n| (format!("small {n}"), json!(n))).collect();
        context.insert("large".into(), (0..4000).collect());
        bound(&mut context);
        assert_eq!(context["large"], LEFT_OUT);
        assert_eq!((context.len(), &context["small 3"]), (11, &json!(3)));
        let mut many: Map<String, Value> = (0..5000).map(|n| (format!("{n}"), json!(n))).collect();
        bound(&mut many);
        assert_eq!(many["left_out"], json!(5001 - many.len()));
    }
}
