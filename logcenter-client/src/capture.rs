//! Reporting errors by hand.

use crate::enabled;
use crate::incident::Incident;
use logcenter_core::Level;
use serde_json::Value;
use std::error::Error;
use std::fmt::Display;
use std::panic::Location;

/// An error to be reported. Details can be added before it is [sent](Self::send).
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
/// Pass an `anyhow::Error` or `eyre::Report` as `&*error`.
#[track_caller]
pub fn capture<E: Error + AsDyn + ?Sized>(error: &E) -> Capture {
    let place = Location::caller();
    Capture::if_enabled(|| Incident::of_error::<E>(error.as_dyn()).place(place).with_stack())
}

/// Captures a message and the line of this call.
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
        Self(enabled::is_enabled().then(incident))
    }

    fn map(self, change: impl FnOnce(Incident) -> Incident) -> Self {
        Self(self.0.map(change))
    }

    /// Sets the severity; `Error` by default.
    pub fn level(self, level: Level) -> Self {
        self.map(|incident| incident.level(level))
    }

    /// Adds a value to the context.
    pub fn context(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.map(|incident| incident.context(key, value))
    }

    /// Reports it. Handing it to the worker takes about a microsecond and never blocks.
    pub fn send(self) {
        if let Some(incident) = self.0 {
            incident.send();
        }
    }
}

/// Converts an error to `dyn Error`, whether or not it already is one.
pub trait AsDyn {
    /// The same error as `dyn Error`.
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
