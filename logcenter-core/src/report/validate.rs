//! Turns the JSON fields into a valid report, or lists everything that is invalid.

use super::bounds::{self, MAX_ENVIRONMENT_CHARS, MAX_METADATA_BYTES};
use super::wire::{ErrorFields, Field, Stack, WireError, WireReport};
use super::{
    MAX_COUNT, MAX_EVENT_ID_CHARS, MAX_FILE_PATH_BYTES, MAX_MESSAGE_BYTES, MAX_TYPE_CHARS, Report, Violation,
};
use crate::fingerprint::Identity;
use crate::{Fingerprint, Level, ProjectId, Source, Timestamp};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::Display;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The violations found so far.
#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, pointer: impl Display, detail: impl Display) {
        self.0.push(Violation { pointer: pointer.to_string(), detail: detail.to_string() });
    }

    fn text<'a>(&mut self, pointer: &str, field: Field<'a>) -> Option<Cow<'a, str>> {
        match field {
            Field::Text(text) => Some(text),
            Field::Absent => None,
            Field::Integer(_) => self.wrong_type(pointer, "a string", "a number"),
            Field::Other(kind) => self.wrong_type(pointer, "a string", kind),
        }
    }

    fn integer(
        &mut self,
        pointer: &str,
        field: &Field<'_>,
        range: core::ops::RangeInclusive<u64>,
    ) -> Option<u64> {
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        match field {
            Field::Integer(number) if range.contains(number) => Some(*number),
            Field::Absent => None,
            Field::Integer(number) => self.wrong_type(pointer, &expected(), number),
            Field::Text(_) => self.wrong_type(pointer, &expected(), "a string"),
            Field::Other(kind) => self.wrong_type(pointer, &expected(), kind),
        }
    }

    fn wrong_type<T>(&mut self, pointer: impl Display, expected: &str, found: impl Display) -> Option<T> {
        self.add(pointer, format_args!("must be {expected}, not {found}"));
        None
    }

    /// A required text. A missing one adds a violation.
    fn required<'a>(&mut self, pointer: &str, field: Field<'a>) -> Option<Cow<'a, str>> {
        if matches!(field, Field::Absent) {
            self.add(pointer, "is required");
        }
        self.text(pointer, field)
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

/// Validates the fields. `repaired` says whether the JSON was repaired.
pub(super) fn validate(wire: WireReport<'_>, repaired: bool) -> Result<Report, Vec<Violation>> {
    let mut wrong = Violations::default();
    let mut truncated = false;

    let project_id = wrong.required("/project_id", wire.project_id);
    let project_id = project_id.and_then(|text| wrong.parsed("/project_id", text.parse::<ProjectId>()));
    let environment = wrong.required("/environment", wire.environment);
    let environment = environment.and_then(|text| wrong.sized("/environment", text, MAX_ENVIRONMENT_CHARS));
    let level = wrong.required("/level", wire.level);
    let level = level.and_then(|text| wrong.parsed("/level", Level::from_client(&text)));
    let source = wrong.text("/source", wire.source);
    let source = source.and_then(|text| wrong.parsed("/source", text.parse::<Source>())).unwrap_or_default();

    let said = wrong.text("/timestamp", wire.timestamp);
    let timestamp = said.as_deref().and_then(Timestamp::parse);
    let unreadable_time = said.is_some() && timestamp.is_none();

    let mut metadata = |wrong: &mut Violations, pointer: &str, field| {
        let text = wrong.text(pointer, field).filter(|text| !text.is_empty())?;
        Some(boxed(bounds::text(text, MAX_METADATA_BYTES, &mut truncated)))
    };
    let version = metadata(&mut wrong, "/version", wire.version);
    let commit_hash = metadata(&mut wrong, "/commit_hash", wire.commit_hash);
    let repo_url = metadata(&mut wrong, "/repo_url", wire.repo_url);

    let error = match wire.error {
        WireError::Object(fields) => Some(fields),
        WireError::Absent => {
            wrong.add("/error", "is required");
            None
        }
        WireError::Other(kind) => wrong.wrong_type("/error", "an object", kind),
    };
    let has_error = error.is_some();
    let ErrorFields { error_type, message, file_path, line_number, stack_trace } = error.unwrap_or_default();
    let mut of_error = |pointer: &str, field| if has_error { wrong.required(pointer, field) } else { None };
    let error_type = of_error("/error/type", error_type);
    let message = of_error("/error/message", message);
    let error_type = error_type.and_then(|text| wrong.sized("/error/type", text, MAX_TYPE_CHARS));
    let message = message.map(|text| bounds::text(text, MAX_MESSAGE_BYTES, &mut truncated));
    let file_path = wrong.text("/error/file_path", file_path);
    let line_number = wrong.integer("/error/line_number", &line_number, 0..=i64::MAX as u64);
    let stack_trace = match stack_trace {
        Stack::Absent => None,
        Stack::Other(kind) => {
            wrong.wrong_type("/error/stack_trace", "an array of strings, or a string", kind)
        }
        Stack::Lines { text, wrong: elements } => {
            for (at, kind) in elements {
                wrong.wrong_type::<()>(format_args!("/error/stack_trace/{at}"), "a string", kind);
            }
            Some(bounds::stack(text, &mut truncated).into_boxed_str())
        }
    };

    let context = wire.context.map(RawValue::get).filter(|text| *text != "null");
    let context = match context {
        Some(text) if !text.starts_with('{') => {
            wrong.add("/context", "must be an object");
            None
        }
        context => context,
    };
    let event_id = wrong.text("/event_id", wire.event_id).filter(|text| !text.is_empty());
    let event_id = event_id.and_then(|text| wrong.sized("/event_id", text, MAX_EVENT_ID_CHARS));
    let count = wrong.integer("/count", &wire.count, 1..=u64::from(MAX_COUNT));

    let (Some(project_id), Some(environment), Some(level), Some(error_type), Some(message), true) =
        (project_id, environment, level, error_type, message, wrong.0.is_empty())
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
        version,
        commit_hash,
        repo_url,
        error_type: boxed(error_type),
        message: boxed(message),
        file_path: file_path.map(|path| boxed(bounds::text(path, MAX_FILE_PATH_BYTES, &mut truncated))),
        line_number,
        stack_trace,
        context: context.map(|text| boxed(bounds::context(text, &mut truncated))),
        event_id: event_id.map(boxed),
        count: count.map_or(1, |count| count as u32),
        truncated,
        repaired: repaired || unreadable_time,
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
