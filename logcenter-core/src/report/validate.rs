//! Turns the JSON fields into a valid report, or lists everything that is invalid.

use super::bounds::{self, MAX_ENVIRONMENT_CHARS, MAX_METADATA_BYTES};
use super::lenient::Repairs;
use super::wire::{ErrorFields, Field, WireError, WireReport};
use super::{
    MAX_COUNT, MAX_EVENT_ID_CHARS, MAX_FILE_PATH_BYTES, MAX_MESSAGE_BYTES, MAX_TYPE_CHARS, Repair, Report,
    Violation,
};
use crate::fingerprint::Identity;
use crate::{Fingerprint, Level, ProjectId, Source};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::Display;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The violations found so far.
#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, pointer: &str, detail: impl Display) {
        self.0.push(Violation { pointer: pointer.into(), detail: detail.to_string() });
    }

    /// A required text. A missing one adds a violation.
    fn required<'a>(&mut self, pointer: &str, field: Field<'a>) -> Option<Cow<'a, str>> {
        match field {
            Field::Text(text) => Some(text),
            Field::Absent => {
                self.add(pointer, "is required");
                None
            }
            Field::Integer(_) | Field::Number(_) => self.wrong_type(pointer, "a string", "a number"),
            Field::Other(kind) => self.wrong_type(pointer, "a string", kind),
        }
    }

    fn wrong_type<T>(&mut self, pointer: &str, expected: &str, found: &str) -> Option<T> {
        self.add(pointer, format_args!("must be {expected}, not {found}"));
        None
    }

    fn parsed<T, E: Display>(&mut self, pointer: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(pointer, error)).ok()
    }

    /// Rejects a text that is empty or longer than `max` characters.
    fn sized<'a>(&mut self, pointer: &str, text: Cow<'a, str>, max: usize) -> Option<Cow<'a, str>> {
        if !text.is_empty() && (text.len() <= max || text.chars().count() <= max) {
            return Some(text);
        }
        self.add(pointer, format_args!("must have 1 to {max} characters"));
        None
    }
}

/// Validates the fields. `repairs` are those of the JSON.
pub(super) fn validate(wire: WireReport<'_>, repairs: Vec<Repair>) -> Result<Report, Vec<Violation>> {
    let (mut wrong, mut repairs) = (Violations::default(), Repairs(repairs));
    let mut truncated = false;

    let project_id = wrong.required("/project_id", wire.project_id);
    let project_id = project_id.and_then(|text| wrong.parsed("/project_id", text.parse::<ProjectId>()));
    let environment = wrong.required("/environment", wire.environment);
    let environment = environment.and_then(|text| wrong.sized("/environment", text, MAX_ENVIRONMENT_CHARS));
    let level = wrong.required("/level", wire.level);
    let level = level.and_then(|text| wrong.parsed("/level", Level::from_client(&text)));
    let source = match wire.source {
        Field::Absent => None,
        source => wrong.required("/source", source),
    };
    let source = source.and_then(|text| wrong.parsed("/source", text.parse::<Source>())).unwrap_or_default();

    let timestamp = repairs.time("/timestamp", &wire.timestamp);
    let sent_at = repairs.time("/sent_at", &wire.sent_at);
    let mut metadata = |repairs: &mut Repairs, pointer: &str, field| {
        let text = repairs.text(pointer, field).filter(|text| !text.is_empty())?;
        Some(boxed(bounds::text(text, MAX_METADATA_BYTES, &mut truncated)))
    };
    let version = metadata(&mut repairs, "/version", wire.version);
    let commit_hash = metadata(&mut repairs, "/commit_hash", wire.commit_hash);
    let repo_url = metadata(&mut repairs, "/repo_url", wire.repo_url);

    let error = match wire.error {
        WireError::Object(fields) => {
            if fields.is_empty() {
                wrong.add("/error/type", "is required, unless there is a message or a stack_trace");
            }
            fields
        }
        WireError::Absent => {
            wrong.add("/error", "is required");
            ErrorFields::default()
        }
        WireError::Other(kind) => {
            wrong.wrong_type::<()>("/error", "an object", kind);
            ErrorFields::default()
        }
    };
    let error_type = repairs.text("/error/type", error.error_type).filter(|text| !text.is_empty());
    let error_type = error_type.unwrap_or_else(|| {
        repairs.add("/error/type", "missing: read as Error");
        "Error".into()
    });
    let error_type = bounds::chars(error_type, MAX_TYPE_CHARS, &mut truncated);
    let message = repairs.text("/error/message", error.message).unwrap_or_else(|| {
        repairs.add("/error/message", "missing: read as empty");
        "".into()
    });
    let file_path = repairs.text("/error/file_path", error.file_path);
    let line_number = repairs.integer("/error/line_number", &error.line_number, 0..=i64::MAX as u64);
    let stack_trace = repairs.stack(error.stack_trace);
    let context = wire.context.and_then(|context| repairs.object("/context", context.get()));
    let event_id = repairs.text("/event_id", wire.event_id).filter(|text| !text.is_empty());
    let event_id = event_id.filter(|text| {
        let fits = text.chars().count() <= MAX_EVENT_ID_CHARS;
        if !fits {
            repairs.add("/event_id", format_args!("left out: longer than {MAX_EVENT_ID_CHARS} characters"));
        }
        fits
    });
    let count = repairs.integer("/count", &wire.count, 1..=u64::from(MAX_COUNT));

    let (Some(project_id), Some(environment), Some(level), true) =
        (project_id, environment, level, wrong.0.is_empty())
    else {
        return Err(wrong.0);
    };
    let runtime = Identity::Runtime { file_path: file_path.as_deref().unwrap_or(""), line_number };
    let fingerprint = fingerprint(&project_id, &error_type, source, context.unwrap_or("{}"), runtime);
    Ok(Report {
        environment: boxed(environment),
        level,
        source,
        timestamp,
        sent_at,
        version,
        commit_hash,
        repo_url,
        error_type: boxed(error_type),
        message: boxed(bounds::text(message, MAX_MESSAGE_BYTES, &mut truncated)),
        file_path: file_path.map(|path| boxed(bounds::text(path, MAX_FILE_PATH_BYTES, &mut truncated))),
        line_number,
        stack_trace: stack_trace.map(|stack| bounds::stack(stack, &mut truncated).into_boxed_str()),
        context: context.map(|text| boxed(bounds::context(text, &mut truncated))),
        event_id: event_id.map(boxed),
        count: count.map_or(1, |count| count as u32),
        truncated,
        repairs: repairs.0,
        fingerprint,
        project_id,
    })
}

fn boxed(text: Cow<'_, str>) -> Box<str> {
    text.into_owned().into_boxed_str()
}

fn fingerprint(
    project_id: &ProjectId,
    error_type: &str,
    source: Source,
    context: &str,
    runtime: Identity<'_>,
) -> Fingerprint {
    let of = |identity| Fingerprint::of(project_id, error_type, identity);
    match source {
        Source::Runtime => of(runtime),
        Source::Cicd => {
            let [job_name, step_name] = Parts::read(context, ["job_name", "step_name"]);
            of(Identity::Cicd { job_name: &job_name, step_name: &step_name })
        }
        Source::Deployment => {
            let [namespace, deployment_name] = Parts::read(context, ["namespace", "deployment_name"]);
            of(Identity::Deployment { namespace: &namespace, deployment_name: &deployment_name })
        }
    }
}

/// Reads two entries of a context as parts of a fingerprint: a string as it is, a number as its JSON text, anything
/// else as empty.
struct Parts([&'static str; 2]);

impl Parts {
    fn read<'a>(context: &'a str, keys: [&'static str; 2]) -> [Cow<'a, str>; 2] {
        serde_json::Deserializer::from_str(context).deserialize_map(Self(keys)).unwrap_or_default()
    }
}

impl<'de> Visitor<'de> for Parts {
    type Value = [Cow<'de, str>; 2];

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut parts = Self::Value::default();
        while let Some(key) = entries.next_key::<Cow<'de, str>>()? {
            match self.0.iter().position(|wanted| *wanted == key) {
                Some(at) => {
                    let text = entries.next_value::<&'de RawValue>()?.get();
                    parts[at] = match text.as_bytes().first() {
                        Some(b'"') => Cow::Owned(serde_json::from_str(text).unwrap_or_default()),
                        Some(b'-' | b'0'..=b'9') => Cow::Borrowed(text),
                        _ => Cow::Borrowed(""),
                    };
                }
                None => drop(entries.next_value::<IgnoredAny>()?),
            }
        }
        Ok(parts)
    }
}
