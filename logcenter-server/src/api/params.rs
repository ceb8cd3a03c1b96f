//! Path and query parameters.

use super::problem::{FieldError, Problem};
use crate::address::{path_parameter, query};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use logcenter_core::{ProjectId, Timestamp};
use std::fmt::Display;
use std::str::FromStr;

/// `{id}` of the path: an issue's. What is no number names no issue.
pub(super) struct IssueId(pub(super) i64);

/// `{project_id}` of the path. What cannot be one names no project.
pub(super) struct ProjectPath(pub(super) ProjectId);

/// A parameter of the path that is something.
async fn parsed<T: FromStr>(
    parts: &mut Parts,
    state: &(impl Send + Sync),
    name: &str,
    what: &str,
) -> Result<T, Problem> {
    let text = path_parameter(parts, state, name).await.unwrap_or_default();
    text.parse().map_err(|_| Problem::not_found(format_args!("{what} {text:?}")))
}

impl<S: Send + Sync> FromRequestParts<S> for IssueId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        parsed(parts, state, "id", "issue").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ProjectPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        parsed(parts, state, "project_id", "project").await.map(Self)
    }
}

/// The query, whose parameters are read one by one, so that all that is wrong is told at once.
pub(super) struct Query {
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

    /// A text; an empty one means none.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone());
        let (first, second) = (values.next(), values.next());
        if second.is_some() {
            self.wrong(name, "must be given once");
        }
        first.filter(|text| !text.is_empty())
    }

    /// A word of a closed set, or a name of a certain form.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        text.parse().map_err(|error| self.wrong(name, error)).ok()
    }

    /// A moment.
    pub(super) fn time(&mut self, name: &'static str) -> Option<Timestamp> {
        let text = self.text(name)?;
        let time = Timestamp::parse(&text);
        if time.is_none() {
            self.wrong(name, "must be an ISO 8601 time, for example 2026-01-02T03:04:05Z");
        }
        time
    }

    /// A number of a row before which a page ends.
    pub(super) fn number(&mut self, name: &'static str) -> Option<i64> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.wrong(name, "must be the next_cursor of the page before");
        }
        number
    }

    /// How long a page is: 1 to 200, or 50.
    pub(super) fn limit(&mut self) -> u32 {
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

    /// Adds something that is wrong with the parameters taken together.
    pub(super) fn check(&mut self, name: &str, holds: bool, detail: impl Display) {
        if !holds {
            self.wrong(name, detail);
        }
    }

    /// Refuses what was wrong, and parameters that nobody asked for: a misspelt filter must not answer everything.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        for (name, _) in &self.pairs {
            if !self.known.contains(&name.as_str()) && name != "key" {
                let detail = format!("is unknown here; known are: {}", self.known.join(", "));
                self.errors.push(FieldError::parameter(name, detail));
            }
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::invalid(self.errors)) }
    }
}
