//! An error that knows the line where it was created.

use crate::Here;
use http::StatusCode;
use logcenter_client::{Incident, Place, Request, Stack};
use serde_json::{Map, Value};
use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

type BoxError = Box<dyn StdError + Send + Sync>;

/// Any error, with the line of the `?` that converted it. One word in size.
///
/// `?` converts every error that can become a `Box<dyn Error + Send + Sync>`: errors of the standard library and
/// `thiserror`, `anyhow::Error`, `eyre::Report`, strings. Further `?`s keep the line of the first.
///
/// Clients get its [status](Self::with_status) (500 by default) and the status's name, never its text.
///
/// ```
/// const LINE: u32 = line!() + 2;
/// fn port(text: &str) -> logcenter_tower::Result<u16> {
///     Ok(text.parse()?)
/// }
/// let error = port("many").unwrap_err();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// assert_eq!(error.location().line(), LINE);
/// ```
///
/// It does not implement [`std::error::Error`], because then `?` could not convert anything into it.
#[must_use]
pub struct Error(Arc<Inner>);

struct Inner {
    error: BoxError,
    location: &'static Location<'static>,
    status: StatusCode,
    stack: Option<Stack>,
    /// The fields of the spans it was created in.
    spans: Map<String, Value>,
    /// Builds the incident using the error's original type.
    incident: fn(&(dyn StdError + 'static)) -> Incident,
}

impl<E: Into<BoxError> + 'static> From<E> for Error {
    #[track_caller]
    #[cold]
    fn from(error: E) -> Self {
        let location = Location::caller();
        #[cfg(feature = "anyhow")]
        let error = match crate::anyhow::unwrapped(error) {
            Ok(inner) => return Self::at(inner, location, Incident::of_error::<dyn StdError>),
            Err(error) => error,
        };
        Self::at(error.into(), location, Incident::of_error::<E>)
    }
}

impl Error {
    /// Creates an error with this text, at the caller's line.
    #[track_caller]
    pub fn new(text: impl fmt::Display) -> Self {
        Self::at(text.to_string().into(), Location::caller(), Incident::of_error::<String>)
    }

    /// Wraps `error`, which was created at `here`. Its stack is not that of this call, so it has none but the one that was
    /// noted there.
    pub fn located<E: StdError + Send + Sync + 'static>(error: E, here: Here) -> Self {
        Self::made(Box::new(error), here.location(), None, Incident::of_error::<E>)
    }

    fn at(
        error: BoxError,
        location: &'static Location<'static>,
        incident: fn(&(dyn StdError + 'static)) -> Incident,
    ) -> Self {
        Self::made(error, location, Stack::of_error(&location.into()), incident)
    }

    fn made(
        error: BoxError,
        location: &'static Location<'static>,
        stack: Option<Stack>,
        incident: fn(&(dyn StdError + 'static)) -> Incident,
    ) -> Self {
        let (status, spans) = (StatusCode::INTERNAL_SERVER_ERROR, logcenter_client::current_spans());
        Self(Arc::new(Inner { error, location, status, stack, spans, incident }))
    }

    /// Sets the status that the client gets.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        // Not shared yet: that only happens when it is attached to a response.
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.status = status;
        }
        self
    }

    /// The status that the client gets.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Where it was created.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// The wrapped error.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0.error
    }

    /// Another reference to this error, for a response to carry.
    pub(crate) fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Attaches it to the current request, to be reported if that fails; returns it if there is no request.
    pub(crate) fn attach(self) -> Option<Self> {
        let mut error = Some(self.0);
        Request::current(|request| error.take().map(|error| request.attach(error)));
        error.map(Self)
    }

    /// Takes the error that was attached last.
    pub(crate) fn attached(request: &mut Request) -> Option<Self> {
        request.take_attached()?.downcast().ok().map(Self)
    }

    /// The incident to report for it.
    pub(crate) fn incident(&self) -> Incident {
        let place: Place = self.0.location.into();
        let incident = (self.0.incident)(&*self.0.error).or_place(place);
        incident.in_spans(self.0.spans.clone()).stack(self.0.stack.clone())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.error, f)
    }
}

impl fmt::Debug for Error {
    /// The error, its sources and its line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.error)?;
        for cause in std::iter::successors(self.0.error.source(), |&cause| cause.source()).take(16) {
            write!(f, ": {cause}")?;
        }
        write!(f, " ({})", self.0.location)
    }
}
