//! From an incident to a report: which file and line it names, and what else it says.

use super::symbols::Symbols;
use crate::client::Client;
use crate::incident::{Answered, Incident, Place};
use crate::report::Report;
use crate::request::Snapshot;
use crate::scrub;
use crate::stack::Stack;
use crate::text;
use logcenter_core::path::{self, CanonicalPath, PATH_RULES};
use serde_json::{Map, Value, json};

/// Largest context, and longest text in it, in bytes.
const CONTEXT: usize = 16 * 1024;
const CONTEXT_TEXT: usize = 4 * 1024;

/// Files of the functions that take a stack, and say nothing of the error.
const OWN: &[&str] =
    &["logcenter-client/src/", "logcenter-panic/src/", "logcenter-tower/src/", "dep:backtrace/src/"];

/// The same by their names, where the build knows no files.
const OWN_NAMES: &[&str] = &["logcenter_client::", "logcenter_panic::", "logcenter_tower::", "backtrace::"];

/// A line of a stack.
struct Line {
    text: String,
    path: Option<CanonicalPath>,
    line: Option<u32>,
}

/// Puts an incident into words.
pub(super) fn compose(
    client: &Client,
    symbols: &mut Symbols,
    incident: Incident,
    event_id: String,
) -> Report {
    let Incident(incident) = incident;
    let config = client.config();
    let root = config.app.root.as_deref();
    let canonical = |place: &Place| (path::canonical(&place.file, root), place.line);
    let lines = incident.stack.as_ref().map(|stack| lines(stack, symbols, root)).unwrap_or_default();

    let own = incident.place.as_ref().map(canonical).filter(|(path, _)| path.in_app);
    let in_stack =
        || lines.iter().find_map(|line| Some((line.path.clone().filter(|path| path.in_app)?, line.line?)));
    let around = || incident.around.as_ref().map(canonical).filter(|(path, _)| path.in_app);
    // A panic in a library is told where it is; an error that was made in one says nothing by that.
    let foreign = || incident.place.as_ref().filter(|_| incident.is_panic).map(canonical);
    let place = own.or_else(in_stack).or_else(around).or_else(foreign);

    let mut error_type = incident.error_type.into_owned();
    if place.is_none()
        && let Some(request) = &incident.request
    {
        error_type = format!("{error_type} {}", request.name());
    }
    let mut context = incident.context;
    if let Some(request) = &incident.request {
        let request = tell_request(request, incident.answer, &config.scrub);
        context.insert("request".into(), request);
    }
    if !incident.causes.is_empty() {
        let causes = incident.causes.iter().map(
            |cause| json!({"type": cause.error_type, "message": scrub::text(&cause.message, &config.scrub)}),
        );
        context.insert("causes".into(), causes.collect());
    }
    context.insert("path_rules".into(), PATH_RULES.into());
    scrub::map(&mut context, &config.scrub);
    bound(&mut context);
    Report {
        level: incident.level,
        error_type: first_chars(&scrub::text(&error_type, &config.scrub), 512),
        message: scrub::text(&incident.message, &config.scrub).into_owned(),
        line_number: place.as_ref().map(|(_, line)| *line),
        file_path: place.map(|(path, _)| path.text),
        stack_trace: lines.into_iter().map(|line| line.text).collect(),
        context,
        environment: config.environment.clone(),
        count: 1,
        event_id,
        at: incident.at,
    }
}

fn first_chars(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// The frames of a stack, from where the program's own doing begins.
fn lines(stack: &Stack, symbols: &mut Symbols, root: Option<&str>) -> Vec<Line> {
    let mut lines = Vec::new();
    for &address in &stack.0 {
        for frame in &*symbols.resolve(address) {
            let function = frame.function.as_deref().unwrap_or("?");
            let path = frame.file.as_deref().map(|file| {
                let path = path::canonical(file, root);
                // The C library names its files by relative paths, too.
                CanonicalPath { in_app: path.in_app && file.ends_with(".rs"), ..path }
            });
            if function.contains("__rust_begin_short_backtrace") {
                // What is outside of it starts every thread.
                return lines;
            }
            let bare = function.trim_start_matches('<');
            let is_std = path.as_ref().is_some_and(|path| path.text.starts_with("std:"))
                || ["std::", "core::", "alloc::", "rust_", "__rust", "_R"]
                    .iter()
                    .any(|start| bare.starts_with(start));
            let is_own = OWN_NAMES.iter().any(|start| bare.starts_with(start))
                || path.as_ref().is_some_and(|path| OWN.iter().any(|own| path.text.contains(own)));
            if is_own || lines.is_empty() && (is_std || function == "?") {
                continue;
            }
            let text = match (&path, frame.line) {
                (Some(path), Some(line)) => format!("{function} at {}:{line}", path.text),
                _ => function.into(),
            };
            lines.push(Line { text: text::cut(&text, 1024), path, line: frame.line });
        }
    }
    lines
}

/// A request as JSON, without secrets.
fn tell_request(request: &Snapshot, answer: Option<Answered>, secrets: &[String]) -> Value {
    let mut told = Map::new();
    told.insert("method".into(), request.method.as_str().into());
    let mut tell = |key: &str, text: &str| {
        if !text.is_empty() {
            told.insert(key.into(), text.into());
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
        told.insert("headers".into(), headers.into());
    }
    match answer {
        Some(Answered::Status(status)) => drop(told.insert("status".into(), status.into())),
        Some(Answered::GrpcCode(code)) => drop(told.insert("grpc_code".into(), code.into())),
        None => {}
    }
    told.into()
}

/// Leaves out what makes a context too large, longest texts first.
fn bound(context: &mut Map<String, Value>) {
    for value in context.values_mut() {
        bound_texts(value);
    }
    let size = |value: &Value| value.to_string().len();
    while context.iter().map(|(key, value)| key.len() + size(value)).sum::<usize>() > CONTEXT {
        let largest = context.iter().max_by_key(|(_, value)| size(value)).map(|(key, _)| key.clone());
        let Some(largest) = largest else { break };
        context.insert(largest, "… left out: too large …".into());
    }
}

fn bound_texts(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > CONTEXT_TEXT => *text = text::cut(text, CONTEXT_TEXT),
        Value::Array(items) => items.iter_mut().for_each(bound_texts),
        Value::Object(object) => object.values_mut().for_each(bound_texts),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
