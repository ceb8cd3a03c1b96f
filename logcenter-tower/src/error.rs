//! An error that knows its line.

use crate::Here;
use http::StatusCode;
use logcenter_client::{Incident, Place, Request, Stack};
use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// Any error.
type BoxError = Box<dyn StdError + Send + Sync>;

/// Any error, with the line of the `?` that made this of it. One word large.
///
/// `?` turns every error into it that a `Box<dyn Error + Send + Sync>` can be made of: those of the standard library, of
/// `thiserror`, `anyhow::Error`, `eyre::Report`, strings. Passed on by further `?` it keeps the line of the first.
///
/// Clients are answered with its [status](Self::with_status) (500 unless said otherwise) and the status's name, never with
/// its text.
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
/// It does not implement [`std::error::Error`]: nothing could be converted into it by `?` then.
#[must_use]
pub struct Error(Arc<Inner>);

struct Inner {
    error: BoxError,
    location: &'static Location<'static>,
    status: StatusCode,
    stack: Option<Stack>,
    /// Tells of the error by the type that it had.
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
    /// One that says `text`, at the line of the caller.
    #[track_caller]
    pub fn new(text: impl fmt::Display) -> Self {
        Self::at(text.to_string().into(), Location::caller(), Incident::of_error::<String>)
    }

    /// `error`, which was made at `here`.
    pub fn located<E: StdError + Send + Sync + 'static>(error: E, here: Here) -> Self {
        Self::at(Box::new(error), here.location(), Incident::of_error::<E>)
    }

    fn at(
        error: BoxError,
        location: &'static Location<'static>,
        incident: fn(&(dyn StdError + 'static)) -> Incident,
    ) -> Self {
        let stack = Stack::of_error(&location.into());
        Self(Arc::new(Inner { error, location, status: StatusCode::INTERNAL_SERVER_ERROR, stack, incident }))
    }

    /// What a client is answered with.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        // Nobody else has it: it is shared only on its way with a response.
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.status = status;
        }
        self
    }

    /// What a client is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Where it arose.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// The error itself.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0.error
    }

    /// The same error, for a response to carry.
    pub(crate) fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Goes along with the request that is worked on, to be reported if that fails; given back where there is none.
    pub(crate) fn attach(self) -> Option<Self> {
        let mut error = Some(self.0);
        Request::current(|request| error.take().map(|error| request.attach(error)));
        error.map(Self)
    }

    /// The error that was attached last.
    pub(crate) fn attached(request: &mut Request) -> Option<Self> {
        request.take_attached()?.downcast().ok().map(Self)
    }

    /// What is reported of it.
    pub(crate) fn incident(&self) -> Incident {
        let place: Place = self.0.location.into();
        (self.0.incident)(&*self.0.error).place(place).stack(self.0.stack.clone())
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
