//! From bytes to a report.

use super::validate::validate;
use super::wire::WireReport;
use super::{Report, Violation};
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

/// Why a body holds no report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// It is not JSON, nor could be made JSON; the text says where it breaks off.
    NotJson(String),
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// Fields are wrong: all that are.
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

/// What was read of a body, and whether it had to be repaired for it.
struct Reading<'a> {
    text: Cow<'a, str>,
    repaired: bool,
    depth: usize,
}

/// UTF-8 without a byte order mark, and without anything in its strings that a store could not hold.
fn clean(body: &[u8]) -> Reading<'_> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let (text, lossy) = match core::str::from_utf8(body) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => (String::from_utf8_lossy(body), true),
    };
    let scan = json_repair::scan(&text);
    let (text, repaired) = if scan.clean { (text, lossy) } else { (json_repair::repair(&text).into(), true) };
    Reading { text, repaired, depth: scan.depth }
}

impl Reading<'_> {
    /// Hands the text to `parse`; if it is no JSON, hands it once more with its stray quotes repaired.
    fn parse<T>(&self, parse: impl Fn(&str, bool) -> Result<T, Rejection>) -> Result<T, Rejection> {
        match parse(&self.text, self.repaired) {
            Err(Rejection::NotJson(reason)) => {
                let repaired = json_repair::repair(&self.text);
                if repaired == self.text {
                    return Err(Rejection::NotJson(reason));
                }
                parse(&repaired, true).map_err(|error| match error {
                    Rejection::NotJson(_) => Rejection::NotJson(reason),
                    error => error,
                })
            }
            result => result,
        }
    }
}

fn parse_report(text: &str, repaired: bool) -> Result<Report, Rejection> {
    match serde_json::from_str::<WireReport<'_>>(text) {
        Ok(wire) => validate(wire, repaired).map_err(Rejection::Invalid),
        Err(error) if error.is_data() => Err(not_an_object(text)),
        Err(error) => Err(Rejection::NotJson(error.to_string())),
    }
}

/// The rejection of a text that does not begin as an object does: it may be JSON all the same.
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
    /// A body that is JSON but for raw control characters, unknown escapes or stray quotes inside strings, or invalid
    /// UTF-8, is repaired and marked; unknown fields are ignored; what is too long loses its middle and is marked.
    ///
    /// # Errors
    /// [`Rejection`]: what is wrong and where.
    pub fn from_json(body: &[u8]) -> Result<Self, Rejection> {
        let reading = clean(body);
        if reading.depth > MAX_DEPTH {
            return Err(Rejection::TooDeep);
        }
        reading.parse(parse_report)
    }
}

/// Many reports in one body: `{"reports": […]}`. A bad one never costs its neighbours.
#[derive(Debug)]
pub struct ReportBatch(
    /// Each report as it was read, in order.
    pub Vec<Result<Report, Rejection>>,
);

impl ReportBatch {
    /// Reads a batch of at most `most` reports.
    ///
    /// # Errors
    /// [`Rejection`] of the batch as a whole: not JSON, no array `reports`, or too many.
    pub fn from_json(body: &[u8], most: usize) -> Result<Self, Rejection> {
        clean(body).parse(|text, repaired| {
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
            let read = |raw: &&RawValue| {
                let report = Self::one(raw.get());
                report.map(|report| Report { repaired: report.repaired || repaired, ..report })
            };
            Ok(Self(reports.iter().map(read).collect()))
        })
    }

    fn one(text: &str) -> Result<Report, Rejection> {
        if json_repair::scan(text).depth > MAX_DEPTH {
            Err(Rejection::TooDeep)
        } else {
            parse_report(text, false)
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
