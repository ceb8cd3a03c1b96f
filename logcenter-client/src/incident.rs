//! What a thread hands over when something goes wrong: only what is needed to report it later.

use crate::place::Place;
use crate::snapshot::Snapshot;
use crate::stack::Stack;
use crate::text::{self, MESSAGE};
use crate::type_name;
use logcenter_core::{Level, Timestamp};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::error::Error;

/// Longest chain of sources kept, and longest text of each in bytes.
const CAUSES: usize = 16;
const CAUSE_BYTES: usize = 512;

/// The response to a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ResponseStatus {
    Status(u16),
    GrpcCode(&'static str),
}

/// One error in a chain of sources.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) error_type: Cow<'static, str>,
    pub(crate) message: String,
}

/// Something that went wrong, as seen by the thread it happened on. For integrations; programs use
/// [`capture`](crate::capture) and [`message`](crate::message).
///
/// ```
/// use logcenter_client::{Incident, Level};
///
/// Incident::new("QueueStalled", &"no job for an hour").level(Level::Warning).send();
/// ```
///
/// It is one word in size, because it is moved often.
#[derive(Debug, Clone)]
#[must_use = "an incident is reported by `send`"]
pub struct Incident(pub(crate) Box<IncidentData>);

/// The contents of an incident.
#[derive(Debug, Clone)]
pub(crate) struct IncidentData {
    pub(crate) error_type: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) causes: Vec<Cause>,
    pub(crate) level: Level,
    pub(crate) place: Option<Place>,
    /// The place to report if no better one is known.
    pub(crate) around: Option<Place>,
    pub(crate) stack: Option<Stack>,
    pub(crate) request: Option<Snapshot>,
    pub(crate) answer: Option<ResponseStatus>,
    pub(crate) context: Map<String, Value>,
    pub(crate) is_panic: bool,
    pub(crate) at: Timestamp,
}

impl Incident {
    /// Adds the sources of an error.
    pub fn sources(mut self, error: &(dyn Error + 'static)) -> Self {
        let chain = std::iter::successors(error.source(), |&cause| cause.source()).take(CAUSES);
        self.0.causes = chain
            .map(|cause| Cause {
                error_type: type_name::of_dyn(cause),
                message: text::bounded(&cause, CAUSE_BYTES),
            })
            .collect();
        self
    }

    /// Prefixes the message with a sentence that says what the program was doing when the error occurred.
    pub fn prefix_message(mut self, sentence: &str) -> Self {
        self.0.message = text::bounded(&format_args!("{sentence}: {}", self.0.message), MESSAGE);
        self
    }

    /// Sets the severity; `Error` by default.
    #[inline]
    pub fn level(mut self, level: Level) -> Self {
        self.0.level = level;
        self
    }

    /// Sets where it occurred.
    #[inline]
    pub fn place(mut self, place: impl Into<Place>) -> Self {
        self.0.place = Some(place.into());
        self
    }

    /// Sets the surrounding function, to report if its own place is unknown or not the program's own.
    #[inline]
    pub fn around(mut self, place: Option<Place>) -> Self {
        self.0.around = place;
        self
    }

    /// Marks it as a panic: its stack trace is captured unless stack traces are off.
    #[inline]
    pub fn panic(mut self) -> Self {
        self.0.is_panic = true;
        self
    }

    /// Sets the status of the response.
    #[inline]
    pub fn status(mut self, status: u16) -> Self {
        self.0.answer = Some(ResponseStatus::Status(status));
        self
    }

    /// Sets the gRPC code of the response.
    #[inline]
    pub fn grpc_code(mut self, code: &'static str) -> Self {
        self.0.answer = Some(ResponseStatus::GrpcCode(code));
        self
    }

    /// Adds a value to the context.
    pub fn context(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.context.insert(key.into(), value.into());
        self
    }

    /// Sets the stack trace.
    #[inline]
    pub fn stack(mut self, stack: Option<Stack>) -> Self {
        self.0.stack = stack;
        self
    }

    /// Where it occurred, if known.
    #[must_use]
    pub fn place_ref(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// Its message.
    #[must_use]
    pub fn message_ref(&self) -> &str {
        &self.0.message
    }
}
