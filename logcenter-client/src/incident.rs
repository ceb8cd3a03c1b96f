//! What a thread hands over when something went wrong: no more than it takes to tell it later.

use crate::client::Client;
use crate::clock;
use crate::names;
use crate::request::Snapshot;
use crate::stack::Stack;
use crate::text::{self, MESSAGE};
use logcenter_core::{Level, Timestamp};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::error::Error;
use std::fmt::Display;
use std::panic::Location;

/// Longest chain of sources, and longest text of each.
const CAUSES: usize = 16;
const CAUSE_BYTES: usize = 512;

/// Where something is in the source, as the compiler names it.
///
/// ```
/// use logcenter_client::Place;
///
/// #[track_caller]
/// fn here() -> Place {
///     std::panic::Location::caller().into()
/// }
/// assert_eq!(here().line, line!());
/// assert!(Place { file: "src/main.rs".into(), line: 1 }.looks_own());
/// assert!(!Place { file: "/rustc/0/library/core/src/ops/function.rs".into(), line: 250 }.looks_own());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// `Location::file()` or `Metadata::file()`.
    pub file: Cow<'static, str>,
    /// From 1.
    pub line: u32,
}

impl Place {
    /// Whether it is likely to be in the program's own sources: a path that the compiler was given relative to the workspace.
    #[must_use]
    pub fn looks_own(&self) -> bool {
        Self::file_looks_own(&self.file)
    }

    /// The same of a file.
    #[must_use]
    pub fn file_looks_own(file: &str) -> bool {
        let drive = file.as_bytes().get(1) == Some(&b':');
        !file.starts_with(['/', '\\']) && !drive && !file.starts_with("rustc/")
    }
}

impl From<&'static Location<'static>> for Place {
    fn from(location: &'static Location<'static>) -> Self {
        Self { file: Cow::Borrowed(location.file()), line: location.line() }
    }
}

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
pub struct Incident(pub(crate) Box<Told>);

/// What is told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
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
    /// One of this type that says `message`, now, in the current [`Request`](crate::Request).
    pub fn new(error_type: impl Into<Cow<'static, str>>, message: &dyn Display) -> Self {
        Self(Box::new(Told {
            error_type: error_type.into(),
            message: text::bounded(message, MESSAGE),
            causes: Vec::new(),
            level: Level::Error,
            place: None,
            around: None,
            stack: None,
            request: crate::request::snapshot(),
            answer: None,
            context: Map::new(),
            is_panic: false,
            at: clock::timestamp(),
        }))
    }

    /// An error with its chain of sources. `E` is the type it is known by, where the caller knows one.
    pub fn of_error<E: ?Sized>(error: &(dyn Error + 'static)) -> Self {
        let error_type = names::of::<E>().unwrap_or_else(|| names::of_dyn(error));
        let mut incident = Self::new(error_type, error).sources(error);
        let Told { error_type, causes, .. } = &mut *incident.0;
        if *error_type == names::UNKNOWN
            && let Some(root) = causes.iter().rev().find(|cause| cause.error_type != names::UNKNOWN)
        {
            // What only wraps is known by what is inside.
            error_type.clone_from(&root.error_type);
        }
        incident
    }

    /// Adds the sources of an error.
    pub fn sources(mut self, error: &(dyn Error + 'static)) -> Self {
        let chain = std::iter::successors(error.source(), |&cause| cause.source()).take(CAUSES);
        self.0.causes = chain
            .map(|cause| Cause {
                error_type: names::of_dyn(cause),
                message: text::bounded(&cause, CAUSE_BYTES),
            })
            .collect();
        self
    }

    /// Puts a sentence before the message: what the program was about when the error came.
    pub fn said_with(mut self, sentence: &str) -> Self {
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

    /// Takes the stack of the calling thread, if the configuration wants one for this.
    #[inline]
    pub fn with_stack(self) -> Self {
        let stack = Stack::wanted(self.0.is_panic, self.0.place.as_ref());
        self.stack(stack)
    }

    /// Its place, as it was told.
    #[must_use]
    pub fn told_place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// Its message.
    #[must_use]
    pub fn told_message(&self) -> &str {
        &self.0.message
    }

    /// Hands it to the worker. Without one, and when the queue is full, it is gone (and counted as lost).
    pub fn send(self) {
        let mut incident = Some(self);
        let submit = |client: &Client| {
            if incident.as_ref().is_some_and(|incident| client.is_of_this_process_at(incident.0.at))
                && let Some(incident) = incident.take()
            {
                client.submit(incident);
            }
        };
        crate::global::with_client(submit);
        if let Some(incident) = incident
            && let Some(client) = crate::global::restart()
        {
            client.submit(incident);
        }
    }

    /// As [`send`](Self::send), from a process that is about to die: waits until it is sent or kept in the spool, up to
    /// [`Config::dying_timeout`](crate::Config::dying_timeout).
    pub fn send_dying(self) {
        if let Some(client) = crate::global::client() {
            client.submit_dying(self);
        }
    }
}
