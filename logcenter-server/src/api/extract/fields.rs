//! Reads JSON objects field by field.

use super::body::{MAX_BODY_BYTES, read};
use crate::api::problem::{FieldError, Problem};
use crate::domain::text::Text;
use crate::ingest::Pool;
use crate::state::SharedState;
use axum::body::HttpBody;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use logcenter_core::Timestamp;
use serde_json::{Map, Value};
use std::fmt::Display;
use std::str::FromStr;

/// A JSON object whose fields are read one by one, so that all errors are reported at once.
pub(crate) struct Fields {
    object: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl FromRequest<SharedState> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &SharedState) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "Send the body as Content-Type: application/json.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let body = {
            let mut memory = state.intake.reservation(Pool::Single);
            read(request.into_body(), MAX_BODY_BYTES, &mut memory).await?
        };
        let not_json =
            |error| Problem::new(StatusCode::BAD_REQUEST, format!("The body is not JSON: {error}."));
        match serde_json::from_slice(&body).map_err(not_json)? {
            Value::Object(object) => Ok(Self { object, errors: Vec::new() }),
            _ => Err(Problem::invalid(vec![FieldError::field("", "must be an object")])),
        }
    }
}

/// As [`Fields`], of which there may also be none: then the request needs no body.
pub(crate) struct MaybeFields(pub(crate) Fields);

impl FromRequest<SharedState> for MaybeFields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &SharedState) -> Result<Self, Problem> {
        if request.body().is_end_stream() && !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(Self(Fields { object: Map::new(), errors: Vec::new() }));
        }
        Fields::from_request(request, state).await.map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// A field for which `null` and absent mean different things.
pub(crate) enum FieldValue<T> {
    Absent,
    Null,
    Value(T),
}

impl Fields {
    fn wrong(&mut self, name: &str, detail: impl Display) {
        self.errors.push(FieldError::field(format!("/{name}"), detail.to_string()));
    }

    fn string(&mut self, name: &str) -> FieldValue<String> {
        match self.object.remove(name) {
            None => FieldValue::Absent,
            Some(Value::Null) => FieldValue::Null,
            Some(Value::String(text)) => FieldValue::Value(text),
            Some(_) => {
                self.wrong(name, "must be a string or null");
                FieldValue::Absent
            }
        }
    }

    /// A text within its length limit. An empty one counts as `null`.
    pub(crate) fn given<const MAX: usize>(&mut self, name: &str) -> FieldValue<Text<MAX>> {
        match self.string(name) {
            FieldValue::Absent => FieldValue::Absent,
            FieldValue::Null => FieldValue::Null,
            FieldValue::Value(text) => match Text::read(&text) {
                Ok(text) => text.map_or(FieldValue::Null, FieldValue::Value),
                Err(too_long) => {
                    self.wrong(name, too_long);
                    FieldValue::Absent
                }
            },
        }
    }

    /// A text within its length limit; `null` and an empty text count as absent.
    pub(crate) fn text<const MAX: usize>(&mut self, name: &str) -> Option<Text<MAX>> {
        match self.given(name) {
            FieldValue::Value(text) => Some(text),
            FieldValue::Null | FieldValue::Absent => None,
        }
    }

    /// A field parsed from a string: one of a closed set of words, or an identifier.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = match self.string(name) {
            FieldValue::Value(text) => text,
            FieldValue::Null | FieldValue::Absent => return None,
        };
        text.parse().map_err(|error| self.wrong(name, error)).ok()
    }

    /// As [`parsed`](Self::parsed), but required.
    pub(crate) fn required<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.wrong(name, "is required");
        }
        self.parsed(name)
    }

    /// As [`text`](Self::text), but required.
    pub(crate) fn required_text<const MAX: usize>(&mut self, name: &str) -> Option<Text<MAX>> {
        let before = self.errors.len();
        let text = self.text(name);
        if text.is_none() && self.errors.len() == before {
            self.wrong(name, "is required");
        }
        text
    }

    pub(crate) fn boolean(&mut self, name: &str) -> bool {
        match self.object.remove(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(value)) => value,
            Some(_) => {
                self.wrong(name, "must be true or false");
                false
            }
        }
    }

    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(value) => {
                let number = value.as_i64();
                if number.is_none() {
                    self.wrong(name, "must be a whole number");
                }
                number
            }
        }
    }

    /// An array of at most `most` texts, each within its length limit. Empty ones are skipped.
    pub(crate) fn texts<const MAX: usize>(&mut self, name: &str, most: usize) -> Vec<Text<MAX>> {
        let texts = self.items(name, most, |text| Text::read(text).map_err(|too_long| too_long.to_string()));
        texts.unwrap_or_default().into_iter().flatten().collect()
    }

    /// An array of at most `most` words or identifiers; `None` if it is absent or `null`.
    pub(crate) fn parsed_items<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
        most: usize,
    ) -> Option<Vec<T>> {
        self.items(name, most, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    fn items<T>(
        &mut self,
        name: &str,
        most: usize,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let items = match self.object.remove(name) {
            None | Some(Value::Null) => return None,
            Some(Value::Array(items)) if items.len() <= most => items,
            Some(_) => {
                self.wrong(name, format_args!("must be an array of at most {most} strings"));
                return None;
            }
        };
        let mut values = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            match item.as_str().map_or_else(|| Err("must be a string".into()), &read) {
                Ok(value) => values.push(value),
                Err(detail) => self.errors.push(FieldError::field(format!("/{name}/{at}"), detail)),
            }
        }
        Some(values)
    }

    /// A timestamp.
    pub(crate) fn time(&mut self, name: &str) -> Option<Timestamp> {
        let text = match self.string(name) {
            FieldValue::Value(text) => text,
            FieldValue::Null | FieldValue::Absent => return None,
        };
        let time = Timestamp::parse(&text);
        if time.is_none() {
            self.wrong(name, "must be an ISO 8601 time, for example 2026-01-02T03:04:05Z");
        }
        time
    }

    /// A text of any length.
    pub(crate) fn required_string(&mut self, name: &str) -> Option<String> {
        match self.string(name) {
            FieldValue::Value(text) => Some(text),
            FieldValue::Null | FieldValue::Absent => {
                self.wrong(name, "is required");
                None
            }
        }
    }

    /// A number that is not negative.
    pub(crate) fn amount(&mut self, name: &str) -> Option<f64> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(value) => {
                let amount = value.as_f64().filter(|amount| *amount >= 0.0);
                if amount.is_none() {
                    self.wrong(name, "must be a number that is not negative");
                }
                amount
            }
        }
    }

    /// An object, read by its fields.
    pub(crate) fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::Object(object)) => Some(self.nested(name, object, read)),
            Some(_) => {
                self.wrong(name, "must be an object");
                None
            }
        }
    }

    /// An array of at most `most` objects, each read by its fields.
    pub(crate) fn objects<T>(&mut self, name: &str, most: usize, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        let items = match self.object.remove(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(items)) if items.len() <= most => items,
            Some(_) => {
                self.wrong(name, format_args!("must be an array of at most {most} objects"));
                return Vec::new();
            }
        };
        let mut values = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let name = format!("{name}/{at}");
            match item {
                Value::Object(object) => values.push(self.nested(&name, object, &read)),
                _ => self.wrong(&name, "must be an object"),
            }
        }
        values
    }

    fn nested<T>(&mut self, name: &str, object: Map<String, Value>, read: impl FnOnce(&mut Self) -> T) -> T {
        let mut nested = Self { object, errors: Vec::new() };
        let value = read(&mut nested);
        self.errors.extend(nested.errors.into_iter().map(|error| FieldError {
            pointer: error.pointer.map(|pointer| format!("/{name}{pointer}")),
            ..error
        }));
        value
    }

    /// Records an error in the combination of fields unless it `holds`.
    pub(crate) fn check(&mut self, name: &str, holds: bool, detail: &str) {
        if !holds {
            self.wrong(name, detail);
        }
    }

    /// The values read, if there were no errors.
    pub(crate) fn finish<T>(self, values: Option<T>) -> Result<T, Problem> {
        match values {
            Some(values) if self.errors.is_empty() => Ok(values),
            _ => Err(Problem::invalid(self.errors)),
        }
    }
}
