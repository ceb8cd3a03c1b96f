//! What a thread hands over when something went wrong: no more than it takes to tell it later.

use crate::place::Place;
use crate::snapshot::Snapshot;
use crate::stack::Stack;
use crate::text::{self, MESSAGE};
use crate::type_name;
use logcenter_core::{Level, Timestamp};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::error::Error;

/// Longest chain of sources, and longest text of each.
const CAUSES: usize = 16;
const CAUSE_BYTES: usize = 512;

/// What a request was answered with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answered {
    Status(u16),
    GrpcCode(&'static str),
}

/// A link of an error's chain of sources.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) error_type: Cow<'static, str>,
    pub(crate) message: String,
}

/// Something that went wrong, as the thread that saw it tells it. For those who write an integration; programs use
/// [`capture`](crate::capture) and [`message`](crate::message).
///
/// ```
/// use logcenter_client::{Incident, Level};
///
/// Incident::new("QueueStalled", &"no job for an hour").level(Level::Warning).send();
/// ```
///
/// It is one word large, since it is handed on a lot.
#[derive(Debug, Clone)]
#[must_use = "an incident is reported by `send`"]
pub struct Incident(pub(crate) Box<IncidentData>);

/// What an incident tells.
#[derive(Debug, Clone)]
pub(crate) struct IncidentData {
    pub(crate) error_type: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) causes: Vec<Cause>,
    pub(crate) level: Level,
    pub(crate) place: Option<Place>,
    /// The place to name where nothing better is known.
    pub(crate) around: Option<Place>,
    pub(crate) stack: Option<Stack>,
    pub(crate) request: Option<Snapshot>,
    pub(crate) answer: Option<Answered>,
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

    /// Puts a sentence before the message: what the program was about when the error came.
    pub fn prefix_message(mut self, sentence: &str) -> Self {
        self.0.message = text::bounded(&format_args!("{sentence}: {}", self.0.message), MESSAGE);
        self
    }

    /// How bad it is; an error unless said otherwise.
    #[inline]
    pub fn level(mut self, level: Level) -> Self {
        self.0.level = level;
        self
    }

    /// Where it arose.
    #[inline]
    pub fn place(mut self, place: impl Into<Place>) -> Self {
        self.0.place = Some(place.into());
        self
    }

    /// What to name where its own place is unknown, or not the program's own: the function around it.
    #[inline]
    pub fn around(mut self, place: Option<Place>) -> Self {
        self.0.around = place;
        self
    }

    /// It is a panic: its stack is taken unless it is never.
    #[inline]
    pub fn panic(mut self) -> Self {
        self.0.is_panic = true;
        self
    }

    /// The status that the request was answered with.
    #[inline]
    pub fn status(mut self, status: u16) -> Self {
        self.0.answer = Some(Answered::Status(status));
        self
    }

    /// The gRPC code that the request was answered with.
    #[inline]
    pub fn grpc_code(mut self, code: &'static str) -> Self {
        self.0.answer = Some(Answered::GrpcCode(code));
        self
    }

    /// Adds to the context.
    pub fn context(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.context.insert(key.into(), value.into());
        self
    }

    /// Its stack.
    #[inline]
    pub fn stack(mut self, stack: Option<Stack>) -> Self {
        self.0.stack = stack;
        self
    }

    /// Where it arose, as far as that is known.
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
