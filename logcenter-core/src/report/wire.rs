//! A report as it appears in JSON. Any field may be missing or have the wrong type without stopping deserialization,
//! so that all problems can be reported at once.

use super::bounds::MAX_REPAIRS;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Any JSON value, of which only scalars are kept.
#[derive(Debug, Default)]
pub(super) enum Field<'a> {
    #[default]
    Absent,
    Text(Cow<'a, str>),
    Integer(u64),
    /// A negative number, or one that is not whole.
    Number(f64),
    /// Another type, described in words.
    Other(&'static str),
}

/// `error.stack_trace`: the lines, each ended by `\n`, and the elements that are not strings.
#[derive(Debug, Default)]
pub(super) enum Stack {
    #[default]
    Absent,
    Lines {
        text: String,
        wrong: Vec<(usize, &'static str)>,
    },
    Other(&'static str),
}

#[derive(Debug, Default)]
pub(super) struct WireReport<'a> {
    pub(super) project_id: Field<'a>,
    pub(super) environment: Field<'a>,
    pub(super) level: Field<'a>,
    pub(super) source: Field<'a>,
    pub(super) timestamp: Field<'a>,
    pub(super) sent_at: Field<'a>,
    pub(super) version: Field<'a>,
    pub(super) commit_hash: Field<'a>,
    pub(super) repo_url: Field<'a>,
    pub(super) error: WireError<'a>,
    pub(super) context: Option<&'a RawValue>,
    pub(super) event_id: Field<'a>,
    pub(super) count: Field<'a>,
}

#[derive(Debug, Default)]
pub(super) enum WireError<'a> {
    Object(ErrorFields<'a>),
    #[default]
    Absent,
    Other(&'static str),
}

#[derive(Debug, Default)]
pub(super) struct ErrorFields<'a> {
    pub(super) error_type: Field<'a>,
    pub(super) message: Field<'a>,
    pub(super) file_path: Field<'a>,
    pub(super) line_number: Field<'a>,
    pub(super) stack_trace: Stack,
}

impl ErrorFields<'_> {
    /// Whether it says nothing at all.
    pub(super) const fn is_empty(&self) -> bool {
        matches!(
            (&self.error_type, &self.message, &self.stack_trace),
            (Field::Absent, Field::Absent, Stack::Absent)
        )
    }
}

/// The values that every visitor below rejects; `$other` builds the result from the name of the type.
macro_rules! scalars {
    ($other:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($other("a boolean"))
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($other("a negative number"))
        }
    };
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Read<'a> {
            type Value = Field<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_bool<E>(self, _: bool) -> Result<Field<'a>, E> {
                Ok(Field::Other("a boolean"))
            }
            fn visit_unit<E>(self) -> Result<Field<'a>, E> {
                Ok(Field::Absent)
            }
            fn visit_i64<E>(self, number: i64) -> Result<Field<'a>, E> {
                Ok(Field::Number(number as f64))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Field<'a>, E> {
                Ok(Field::Integer(number))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Field<'a>, E> {
                // Some languages have only floats, so 42.0 counts as an integer. Beyond 2^53 it would not be exact.
                let whole = number as u64;
                if (0.0..=9_007_199_254_740_992.0).contains(&number) && whole as f64 == number {
                    Ok(Field::Integer(whole))
                } else {
                    Ok(Field::Number(number))
                }
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'a>, E> {
                Ok(Field::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Field<'a>, E> {
                Ok(Field::Text(Cow::Owned(text.into())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Field<'a>, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Field::Other("an array"))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Field<'a>, A::Error> {
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Field::Other("an object"))
            }
        }
        from.deserialize_any(Read(PhantomData))
    }
}

/// Appends the lines of `text`, each ended by `\n`; an empty text is one empty line.
fn push_lines(lines: &mut String, text: &str) {
    // An element of an array is one line, mostly.
    if memchr::memchr(b'\n', text.as_bytes()).is_none() {
        lines.push_str(text);
        lines.push('\n');
        return;
    }
    for line in text.lines() {
        lines.push_str(line);
        lines.push('\n');
    }
}

impl<'de> Deserialize<'de> for Stack {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Stack;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a stack trace")
            }
            scalars!(Stack::Other);
            fn visit_unit<E>(self) -> Result<Stack, E> {
                Ok(Stack::Absent)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Stack, E> {
                Ok(Stack::Other("a number"))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Stack, E> {
                Ok(Stack::Other("a number"))
            }
            fn visit_str<E>(self, text: &str) -> Result<Stack, E> {
                let mut lines = String::with_capacity(text.len() + 1);
                if !text.is_empty() {
                    push_lines(&mut lines, text);
                }
                Ok(Stack::Lines { text: lines, wrong: Vec::new() })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Stack, A::Error> {
                let (mut lines, mut wrong, mut at) = (String::new(), Vec::new(), 0);
                while let Some(item) = items.next_element::<Field<'de>>()? {
                    let kind = match item {
                        Field::Text(text) => {
                            push_lines(&mut lines, &text);
                            None
                        }
                        Field::Absent => Some("null"),
                        Field::Integer(_) | Field::Number(_) => Some("a number"),
                        Field::Other(kind) => Some(kind),
                    };
                    if wrong.len() < MAX_REPAIRS {
                        wrong.extend(kind.map(|kind| (at, kind)));
                    }
                    at += 1;
                }
                Ok(Stack::Lines { text: lines, wrong })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Stack, A::Error> {
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Stack::Other("an object"))
            }
        }
        from.deserialize_any(Read)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for WireError<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Read<'a> {
            type Value = WireError<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an error")
            }
            scalars!(WireError::Other);
            fn visit_unit<E>(self) -> Result<WireError<'a>, E> {
                Ok(WireError::Absent)
            }
            fn visit_u64<E>(self, _: u64) -> Result<WireError<'a>, E> {
                Ok(WireError::Other("a number"))
            }
            fn visit_f64<E>(self, _: f64) -> Result<WireError<'a>, E> {
                Ok(WireError::Other("a number"))
            }
            fn visit_str<E>(self, _: &str) -> Result<WireError<'a>, E> {
                Ok(WireError::Other("a string"))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<WireError<'a>, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(WireError::Other("an array"))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<WireError<'a>, A::Error> {
                let mut error = ErrorFields::default();
                while let Some(key) = entries.next_key::<Cow<'de, str>>()? {
                    match &*key {
                        "type" => error.error_type = entries.next_value()?,
                        "message" => error.message = entries.next_value()?,
                        "file_path" => error.file_path = entries.next_value()?,
                        "line_number" => error.line_number = entries.next_value()?,
                        "stack_trace" => error.stack_trace = entries.next_value()?,
                        _ => drop(entries.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(WireError::Object(error))
            }
        }
        from.deserialize_any(Read(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for WireReport<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Read<'a> {
            type Value = WireReport<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<WireReport<'a>, A::Error> {
                let mut report = WireReport::default();
                while let Some(key) = entries.next_key::<Cow<'de, str>>()? {
                    match &*key {
                        "project_id" => report.project_id = entries.next_value()?,
                        "environment" => report.environment = entries.next_value()?,
                        "level" => report.level = entries.next_value()?,
                        "source" => report.source = entries.next_value()?,
                        "timestamp" => report.timestamp = entries.next_value()?,
                        "sent_at" => report.sent_at = entries.next_value()?,
                        "version" => report.version = entries.next_value()?,
                        "commit_hash" => report.commit_hash = entries.next_value()?,
                        "repo_url" => report.repo_url = entries.next_value()?,
                        "error" => report.error = entries.next_value()?,
                        "context" => report.context = entries.next_value()?,
                        "event_id" => report.event_id = entries.next_value()?,
                        "count" => report.count = entries.next_value()?,
                        _ => drop(entries.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(report)
            }
        }
        from.deserialize_map(Read(PhantomData))
    }
}
