//! What a thread hands over when something goes wrong: only what is needed to report it later.

use crate::breadcrumb::Breadcrumb;
use crate::place::Place;
use crate::snapshot::Snapshot;
use crate::stack::Stack;
use crate::text;
use crate::type_name;
use logcenter_core::{Level, Timestamp};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::error::Error;
use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Longest chain of sources kept, and longest text of each in bytes.
const CAUSES: usize = 16;
pub(crate) const CAUSE_BYTES: usize = 512;

/// Longest text of a source that is searched for secrets: longer than what is kept, so that none is cut in two before.
const CAPTURED_BYTES: usize = 2 * CAUSE_BYTES;

/// The response to a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ResponseStatus {
    Status(u16),
    GrpcCode(&'static str),
}

/// One error in a chain, from the one that was seen to its root cause.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    /// `Error` if unknown.
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
    /// The error, its source, and so on to the root cause. Never empty.
    pub(crate) chain: Vec<Cause>,
    pub(crate) level: Level,
    pub(crate) place: Option<Place>,
    /// The place to report if no better one is known.
    pub(crate) around: Option<Place>,
    pub(crate) stack: Option<Stack>,
    pub(crate) request: Option<Snapshot>,
    pub(crate) answer: Option<ResponseStatus>,
    pub(crate) context: Map<String, Value>,
    pub(crate) breadcrumbs: Vec<Breadcrumb>,
    pub(crate) is_panic: bool,
    /// Whether it reached a request by unwinding through it: another thread's panic may be why.
    pub(crate) is_unwinding: bool,
    /// Whether it is a panic outside a request, which one may be waiting for.
    pub(crate) may_be_joined: bool,
    /// How many occurrences it stands for.
    pub(crate) count: u32,
    pub(crate) at: Timestamp,
}

impl Incident {
    /// Adds the sources of an error.
    pub fn sources(mut self, error: &(dyn Error + 'static)) -> Self {
        let sources = std::iter::successors(error.source(), |&cause| cause.source()).take(CAUSES);
        self.0.chain.extend(sources.map(|cause| Cause {
            error_type: type_name::of_dyn(cause),
            message: text::bounded(&cause, CAPTURED_BYTES),
        }));
        self
    }

    /// Adds a sentence that says what the program was doing when the error occurred, unless the error says so itself.
    pub fn during(mut self, sentence: &str) -> Self {
        if sentence.is_empty() || self.0.chain.iter().any(|cause| cause.message.contains(sentence)) {
            return self;
        }
        let error_type = Cow::Borrowed(type_name::UNKNOWN);
        self.0.chain.insert(0, Cause { error_type, message: text::cut(sentence, CAUSE_BYTES) });
        self
    }

    /// Adds the text of an error below the others.
    pub fn because(mut self, text: &dyn Display) -> Self {
        let error_type = Cow::Borrowed(type_name::UNKNOWN);
        self.0.chain.push(Cause { error_type, message: text::bounded(text, CAUSE_BYTES) });
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

    /// Sets where it occurred, unless it knows better itself.
    #[inline]
    pub fn or_place(mut self, place: impl Into<Place>) -> Self {
        self.0.place.get_or_insert_with(|| place.into());
        self
    }

    /// Sets the surrounding function, to report if its own place is unknown or not the program's own. One that is known
    /// already stays.
    #[inline]
    pub fn or_around(mut self, place: Option<Place>) -> Self {
        self.0.around = self.0.around.take().or(place);
        self
    }

    /// Marks it as a panic that is only known from its unwinding.
    #[inline]
    pub fn unwinding(mut self) -> Self {
        self.0.is_unwinding = true;
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

    /// Tells incidents apart that would be different issues.
    pub(crate) fn repeat_key(&self) -> u64 {
        let data = &self.0;
        let mut hasher = DefaultHasher::new();
        (&data.place, &data.around, data.is_panic, data.level.as_str()).hash(&mut hasher);
        data.chain.iter().for_each(|cause| cause.error_type.hash(&mut hasher));
        if let Some(request) = &data.request {
            (&request.method, &request.route).hash(&mut hasher);
            if request.route.is_empty() {
                request.target.hash(&mut hasher);
            }
        }
        // Then the stack tells the line.
        if !data.place.as_ref().is_some_and(Place::is_likely_in_app) {
            data.stack.as_ref().map(|stack| &stack.0).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Counts another occurrence.
    pub(crate) fn repeat(&mut self, other: &Self) {
        self.0.count = self.0.count.saturating_add(other.0.count);
        self.0.at = other.0.at;
    }

    /// Where it occurred, if known.
    #[must_use]
    pub fn place_ref(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// What it says: the message of the error that was seen, not that of its root cause.
    #[must_use]
    pub fn message_ref(&self) -> &str {
        self.0.chain.first().map_or("", |first| &first.message)
    }
}
