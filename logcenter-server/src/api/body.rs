//! Reading request bodies, within bounds.

use super::problem::{FieldError, Problem};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use std::fmt::Display;
use std::future::poll_fn;
use std::pin::pin;
use std::str::FromStr;
use std::task::Poll;
use std::time::Duration;

/// Longest body of a report, and of every other request but a batch.
pub(super) const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Longest body of a batch.
pub(super) const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// How much of a body that is too long is read all the same: a client that still sends may not read the answer.
const MAX_DISCARDED_BYTES: usize = 32 * 1024 * 1024;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the body says it is; `most` when it does not say, or says more.
pub(super) fn announced(headers: &HeaderMap, most: usize) -> usize {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    length.map_or(most, |length: usize| length.min(most))
}

/// The whole body, of at most `most` bytes.
pub(super) async fn read(body: Body, most: usize) -> Result<Bytes, Problem> {
    let mut reading = pin!(collect(body, most));
    // A small body is mostly there already: no need to set a timer.
    if let Poll::Ready(read) = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await {
        return read;
    }
    match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Ok(read) => read,
        Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "The body did not come within 30 seconds.")),
    }
}

async fn collect(mut body: Body, most: usize) -> Result<Bytes, Problem> {
    let mut first: Option<Bytes> = None;
    let mut rest: Vec<u8> = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let broken = |_| Problem::new(StatusCode::BAD_REQUEST, "The body broke off.");
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        length += data.len();
        if length > most {
            rest = Vec::new();
            if length > MAX_DISCARDED_BYTES {
                break;
            }
        } else if let Some(first) = &first {
            if rest.is_empty() {
                rest.extend_from_slice(first);
            }
            rest.extend_from_slice(&data);
        } else {
            first = Some(data);
        }
    }
    if length > most {
        let detail = format!("The body is longer than {most} bytes. Send less, or in several requests.");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    Ok(if rest.is_empty() { first.unwrap_or_default() } else { rest.into() })
}

/// A JSON object whose fields are read one by one, so that all that is wrong is told at once.
pub(super) struct Fields {
    object: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "Send the body as Content-Type: application/json.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let body = read(request.into_body(), MAX_BODY_BYTES).await?;
        let not_json =
            |error| Problem::new(StatusCode::BAD_REQUEST, format!("The body is not JSON: {error}."));
        match serde_json::from_slice(&body).map_err(not_json)? {
            Value::Object(object) => Ok(Self { object, errors: Vec::new() }),
            _ => Err(Problem::invalid(vec![FieldError::field("", "must be an object")])),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// What a field holds, where `null` means something else than nothing.
pub(super) enum Given {
    Absent,
    Null,
    Text(String),
}

impl Fields {
    fn wrong(&mut self, name: &str, detail: impl Display) {
        self.errors.push(FieldError::field(format!("/{name}"), detail.to_string()));
    }

    /// A text of at most `most` characters.
    pub(super) fn given(&mut self, name: &str, most: usize) -> Given {
        match self.object.remove(name) {
            None => Given::Absent,
            Some(Value::Null) => Given::Null,
            Some(Value::String(text)) if text.chars().count() > most => {
                self.wrong(name, format_args!("must have at most {most} characters"));
                Given::Absent
            }
            // A NUL cannot be kept by every store.
            Some(Value::String(text)) => Given::Text(text.replace('\0', "\u{FFFD}")),
            Some(_) => {
                self.wrong(name, "must be a string or null");
                Given::Absent
            }
        }
    }

    /// A text of at most `most` characters; `null` and the empty text mean none.
    pub(super) fn text(&mut self, name: &str, most: usize) -> Option<String> {
        match self.given(name, most) {
            Given::Text(text) if !text.is_empty() => Some(text),
            Given::Text(_) | Given::Null | Given::Absent => None,
        }
    }

    /// A word of a closed set, or a name of a certain form.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = match self.given(name, MAX_BODY_BYTES) {
            Given::Text(text) => text,
            Given::Null | Given::Absent => return None,
        };
        text.parse().map_err(|error| self.wrong(name, error)).ok()
    }

    /// The same, where it may not be missing.
    pub(super) fn required<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.wrong(name, "is required");
        }
        self.parsed(name)
    }

    /// A required text of 1 to `most` characters.
    pub(super) fn required_text(&mut self, name: &str, most: usize) -> Option<String> {
        let before = self.errors.len();
        let text = self.text(name, most);
        if text.is_none() && self.errors.len() == before {
            self.wrong(name, "is required");
        }
        text
    }

    pub(super) fn boolean(&mut self, name: &str) -> bool {
        match self.object.remove(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(value)) => value,
            Some(_) => {
                self.wrong(name, "must be true or false");
                false
            }
        }
    }

    pub(super) fn integer(&mut self, name: &str) -> Option<i64> {
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

    /// An array of at most `most` texts.
    pub(super) fn texts(&mut self, name: &str, most: usize) -> Vec<String> {
        let items = match self.object.remove(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(items)) if items.len() <= most => items,
            Some(_) => {
                self.wrong(name, format_args!("must be an array of at most {most} strings"));
                return Vec::new();
            }
        };
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text),
                _ => self.errors.push(FieldError::field(format!("/{name}/{at}"), "must be a string")),
            }
        }
        texts
    }

    /// Adds something that is wrong with the fields taken together.
    pub(super) fn check(&mut self, name: &str, holds: bool, detail: &str) {
        if !holds {
            self.wrong(name, detail);
        }
    }

    /// The values read, if nothing was wrong.
    pub(super) fn finish<T>(self, values: Option<T>) -> Result<T, Problem> {
        match values {
            Some(values) if self.errors.is_empty() => Ok(values),
            _ => Err(Problem::invalid(self.errors)),
        }
    }
}
