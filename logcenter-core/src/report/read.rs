//! Reads reports from bytes.

use super::validate::validate;
use super::wire::WireReport;
use super::{Repair, Report, Violation};
use crate::json_repair;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting of arrays and objects in a report.
pub const MAX_DEPTH: usize = 128;

/// Why a body was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// It is not JSON and could not be repaired; the text says where parsing stopped.
    NotJson(String),
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// Some fields are invalid; lists all of them.
    Invalid(Vec<Violation>),
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(reason) => write!(f, "the body is not JSON: {reason}"),
            Self::TooDeep => write!(f, "the body nests deeper than {MAX_DEPTH} arrays and objects"),
            Self::Invalid(violations) => {
                f.write_str("some fields are wrong:")?;
                violations.iter().try_for_each(|one| write!(f, " {} {};", one.pointer, one.detail))
            }
        }
    }
}

impl core::error::Error for Rejection {}

/// The text of a body, what had to be repaired to read it, and how deep it nests.
struct Reading<'a> {
    text: Cow<'a, str>,
    repairs: Vec<Repair>,
    depth: usize,
}

fn repair(detail: &str) -> Repair {
    Repair { pointer: String::new(), detail: detail.into() }
}

/// Decodes a body, and replaces what its strings contain that a store cannot hold.
fn clean(body: &[u8]) -> Reading<'_> {
    let (text, encoding) = json_repair::decode(body);
    let scan = json_repair::scan(&text);
    let mut repairs: Vec<Repair> = encoding.into_iter().map(repair).collect();
    let text = if scan.clean {
        text
    } else {
        repairs.push(repair("control characters or escapes in strings were repaired"));
        json_repair::repair(&text, json_repair::Backslash::Escapes).into()
    };
    Reading { text, repairs, depth: scan.depth }
}

impl Reading<'_> {
    /// Passes the text to `parse`; if it is not JSON, tries again with what can be repaired in it.
    fn parse<T>(&self, parse: impl Fn(&str, &[Repair]) -> Result<T, Rejection>) -> Result<T, Rejection> {
        let reason = match parse(&self.text, &self.repairs) {
            Err(Rejection::NotJson(reason)) => reason,
            result => return result,
        };
        let attempts = [
            (json_repair::Backslash::Escapes, "quotes, or numbers that JSON does not have, were repaired"),
            (json_repair::Backslash::BeforeEnd, "the end of a string after a backslash was repaired"),
        ];
        for (backslash, what) in attempts {
            let repairs: Vec<Repair> = self.repairs.iter().cloned().chain([repair(what)]).collect();
            match parse(&json_repair::repair(&self.text, backslash), &repairs) {
                Err(Rejection::NotJson(_)) => {}
                result => return result,
            }
        }
        Err(Rejection::NotJson(reason))
    }
}

/// Parses a body that obviously needs no repair, as nearly all do. A JSON parser fails for everything else but NUL and lone
/// surrogates, which can only be written as `\u` escapes, and deep nesting, which takes as many brackets.
fn parse_clean(body: &[u8]) -> Option<WireReport<'_>> {
    let brackets = memchr::memchr2_iter(b'{', b'[', body).take(MAX_DEPTH + 1).count();
    if brackets > MAX_DEPTH || memchr::memmem::find(body, b"\\u").is_some() {
        return None;
    }
    serde_json::from_str(core::str::from_utf8(body).ok()?).ok()
}

fn parse_report(text: &str, repairs: &[Repair]) -> Result<Report, Rejection> {
    match serde_json::from_str::<WireReport<'_>>(text) {
        Ok(wire) => validate(wire, repairs.to_vec()).map_err(Rejection::Invalid),
        Err(error) if error.is_data() => Err(not_an_object(text)),
        Err(error) => Err(Rejection::NotJson(error.to_string())),
    }
}

/// The rejection of a text that does not start like an object; it may still be valid JSON.
fn not_an_object(text: &str) -> Rejection {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(IgnoredAny) => Rejection::Invalid(alloc::vec![Violation {
            pointer: String::new(),
            detail: "must be an object".into()
        }]),
        Err(error) => Rejection::NotJson(error.to_string()),
    }
}

impl Report {
    /// Reads one report.
    ///
    /// A body that is nearly JSON is repaired: UTF-16 and invalid UTF-8 are decoded; raw control characters, unknown
    /// escapes and stray quotes inside strings are taken literally; `NaN` and `Infinity` become null. What is wrong in an
    /// optional field is read if it can be, else left out. Both are noted in [`repairs`](Self::repairs). Unknown fields
    /// are ignored. Anything too long loses its middle part and is marked.
    ///
    /// # Errors
    /// [`Rejection`]: what is invalid, and where.
    pub fn from_json(body: &[u8]) -> Result<Self, Rejection> {
        if let Some(wire) = parse_clean(body) {
            return validate(wire, Vec::new()).map_err(Rejection::Invalid);
        }
        let reading = clean(body);
        if reading.depth > MAX_DEPTH {
            return Err(Rejection::TooDeep);
        }
        reading.parse(parse_report)
    }
}

/// Several reports in one body: `{"reports": […]}`. An invalid one does not affect the others.
#[derive(Debug)]
pub struct ReportBatch(
    /// The result for each report, in order.
    pub Vec<Result<Report, Rejection>>,
);

impl ReportBatch {
    /// Reads a batch of at most `most` reports.
    ///
    /// # Errors
    /// [`Rejection`] of the whole batch: not JSON, no `reports` array, or too many reports.
    pub fn from_json(body: &[u8], most: usize) -> Result<Self, Rejection> {
        clean(body).parse(|text, repairs| {
            let wire: WireBatch<'_> = match serde_json::from_str(text) {
                Ok(wire) => wire,
                Err(error) if error.is_data() => return Err(not_an_object(text)),
                Err(error) => return Err(Rejection::NotJson(error.to_string())),
            };
            let wrong = |detail: String| {
                Rejection::Invalid(alloc::vec![Violation { pointer: "/reports".into(), detail }])
            };
            let reports = wire.reports.ok_or_else(|| wrong("is required".into()))?;
            let reports: Vec<&RawValue> =
                serde_json::from_str(reports.get()).map_err(|_| wrong("must be an array".into()))?;
            if reports.len() > most {
                return Err(wrong(format!("must have at most {most} reports, not {}", reports.len())));
            }
            Ok(Self(reports.iter().map(|raw| Self::one(raw.get(), repairs)).collect()))
        })
    }

    fn one(text: &str, repairs: &[Repair]) -> Result<Report, Rejection> {
        if json_repair::scan(text).depth > MAX_DEPTH {
            Err(Rejection::TooDeep)
        } else {
            parse_report(text, repairs)
        }
    }
}

struct WireBatch<'a> {
    reports: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for WireBatch<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read<'a>(core::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Read<'a> {
            type Value = WireBatch<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<WireBatch<'a>, A::Error> {
                let mut reports = None;
                while let Some(key) = entries.next_key::<Cow<'de, str>>()? {
                    match &*key {
                        "reports" => reports = Some(entries.next_value()?),
                        _ => drop(entries.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(WireBatch { reports })
            }
        }
        from.deserialize_map(Read(core::marker::PhantomData))
    }
}
