//! Query parameters.

use crate::api::problem::{FieldError, Problem};
use crate::http::query::query;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use logcenter_core::Timestamp;
use std::fmt::Display;
use std::str::FromStr;

/// The query string, read parameter by parameter so that all errors are reported at once.
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self { pairs: query(parts), known: Vec::new(), errors: Vec::new() })
    }
}

impl Query {
    fn wrong(&mut self, name: &str, detail: impl Display) {
        self.errors.push(FieldError::parameter(name, detail.to_string()));
    }

    /// A text; an empty one counts as absent.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone());
        let (first, second) = (values.next(), values.next());
        if second.is_some() {
            self.wrong(name, "must be given once");
        }
        first.filter(|text| !text.is_empty())
    }

    /// A text of at most `most` characters; an empty one counts as absent.
    pub(crate) fn bounded(&mut self, name: &'static str, most: usize) -> Option<String> {
        let text = self.text(name)?;
        if text.chars().nth(most).is_some() {
            self.wrong(name, format_args!("must have at most {most} characters"));
            return None;
        }
        Some(text)
    }

    /// A parameter parsed from a string: one of a closed set of words, or an identifier.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        text.parse().map_err(|error| self.wrong(name, error)).ok()
    }

    /// A timestamp.
    pub(crate) fn time(&mut self, name: &'static str) -> Option<Timestamp> {
        let text = self.text(name)?;
        let time = Timestamp::parse(&text);
        if time.is_none() {
            self.wrong(name, "must be an ISO 8601 time, for example 2026-01-02T03:04:05Z");
        }
        time
    }

    /// A cursor that is a number.
    pub(crate) fn number<T: FromStr>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.wrong(name, "must be the next_cursor of the page before");
        }
        number
    }

    /// The page size, 1 to 200; default 50.
    pub(crate) fn limit(&mut self) -> u32 {
        const RANGE: std::ops::RangeInclusive<u32> = 1..=200;
        let Some(text) = self.text("limit") else { return 50 };
        match text.parse() {
            Ok(limit) if RANGE.contains(&limit) => limit,
            _ => {
                self.wrong("limit", "must be a whole number from 1 to 200");
                50
            }
        }
    }

    /// Records an error in the combination of parameters unless it `holds`.
    pub(crate) fn check(&mut self, name: &str, holds: bool, detail: impl Display) {
        if !holds {
            self.wrong(name, detail);
        }
    }

    /// Returns the errors, and rejects unknown parameters: a misspelt filter must not match everything.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        for (name, _) in &self.pairs {
            if !self.known.contains(&name.as_str()) && name != "key" {
                let detail = format!("is unknown here; known are: {}", self.known.join(", "));
                self.errors.push(FieldError::parameter(name, detail));
            }
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::invalid(self.errors)) }
    }
}
