//! Reporting by hand.

use crate::global;
use crate::incident::Incident;
use logcenter_core::Level;
use serde_json::Value;
use std::error::Error;
use std::fmt::Display;
use std::panic::Location;

/// An error on its way: more may be said of it before it is [sent](Self::send).
///
/// ```
/// # use logcenter_client::{Level, message};
/// let capture = message(Level::Warning, "the cache is cold").context("keys", 0);
/// capture.send();
/// ```
#[derive(Debug)]
#[must_use = "it is reported by `send`"]
pub struct Capture(Option<Incident>);

/// Captures an error, its chain of sources, and the line of this call.
///
/// ```
/// # fn cleanup() -> Result<(), std::io::Error> { Ok(()) }
/// use logcenter_client::{Level, capture};
///
/// if let Err(error) = cleanup() {
///     capture(&error).level(Level::Warning).context("job", "cleanup").send();
/// }
/// ```
///
/// An `anyhow::Error` or `eyre::Report` is given as `&*error`.
#[track_caller]
pub fn capture<E: Error + AsDyn + ?Sized>(error: &E) -> Capture {
    let place = Location::caller();
    Capture::if_enabled(|| Incident::of_error::<E>(error.as_dyn()).place(place).with_stack())
}

/// Captures a text, and the line of this call.
///
/// ```
/// logcenter_client::message(logcenter_client::Level::Error, "queue stalled").send();
/// ```
#[track_caller]
pub fn message(level: Level, text: impl Display) -> Capture {
    let place = Location::caller();
    Capture::if_enabled(|| Incident::new("Message", &text).level(level).place(place).with_stack())
}

impl Capture {
    fn if_enabled(incident: impl FnOnce() -> Incident) -> Self {
        Self(global::is_enabled().then(incident))
    }

    fn map(self, change: impl FnOnce(Incident) -> Incident) -> Self {
        Self(self.0.map(change))
    }

    /// How bad it is; an error unless said otherwise.
    pub fn level(self, level: Level) -> Self {
        self.map(|incident| incident.level(level))
    }

    /// Adds to the context.
    pub fn context(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.map(|incident| incident.context(key, value))
    }

    /// Reports it: hands it to the worker, which costs about a microsecond and never waits.
    pub fn send(self) {
        if let Some(incident) = self.0 {
            incident.send();
        }
    }
}

/// An error as `dyn Error`, whether it is one already or not.
pub trait AsDyn {
    /// The same error.
    fn as_dyn(&self) -> &(dyn Error + 'static);
}

impl<E: Error + 'static> AsDyn for E {
    fn as_dyn(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl AsDyn for dyn Error + 'static {
    fn as_dyn(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl AsDyn for dyn Error + Send + Sync + 'static {
    fn as_dyn(&self) -> &(dyn Error + 'static) {
        self
    }
}
