//! Notes errors where a `?` converts them, for the request to report if it fails.

use crate::capture::AsDyn;
use crate::global;
use crate::incident::Incident;
use crate::request::Request;
use std::error::Error;
use std::panic::Location;

/// Notes an error at the line of this call. If the current request fails, the error is reported with its type, its chain
/// of sources, that line and the stack; if the request succeeds, the note is forgotten. Outside a request it does nothing.
///
/// For `From` implementations of a program's own error types, which `#[track_caller]` lets see the line of the `?`:
///
/// ```
/// struct AppError(String);
///
/// impl From<std::io::Error> for AppError {
///     #[track_caller]
///     fn from(error: std::io::Error) -> Self {
///         logcenter_client::note(&error);
///         Self(error.to_string())
///     }
/// }
/// ```
///
/// Pass an `anyhow::Error` or `eyre::Report` as `&*error`.
#[track_caller]
pub fn note<E: Error + AsDyn + ?Sized>(error: &E) {
    if is_wanted() {
        note_at::<E>(error.as_dyn(), Location::caller());
    }
}

/// Notes errors of any type that a `From` implementation converts: errors, and reports such as `anyhow::Error` that are
/// none themselves. For macros.
///
/// ```
/// use logcenter_client::{NoteError, Noted};
///
/// let error = std::io::Error::other("no");
/// (&Noted(&error)).note();
/// ```
#[derive(Debug)]
pub struct Noted<'a, E: ?Sized>(pub &'a E);

/// Notes a value that is an error.
///
/// ```
/// use logcenter_client::{NoteError, Noted};
///
/// (&Noted(&std::fmt::Error)).note();
/// ```
pub trait NoteError {
    /// Notes it at the caller's line.
    fn note(&self);
}

impl<E: Error + 'static> NoteError for Noted<'_, E> {
    #[track_caller]
    fn note(&self) {
        if is_wanted() {
            note_at::<E>(self.0, Location::caller());
        }
    }
}

/// Notes a value that holds an error, which the compiler chooses only for values that are none.
///
/// ```
/// use logcenter_client::{NoteReport, Noted};
/// use std::error::Error;
///
/// let error: Box<dyn Error + Send + Sync> = "no".into();
/// (&Noted(&error)).note();
/// ```
pub trait NoteReport {
    /// Notes it at the caller's line.
    fn note(&self);
}

impl<E: AsRef<dyn Error + Send + Sync> + 'static> NoteReport for &Noted<'_, E> {
    #[track_caller]
    fn note(&self) {
        if is_wanted() {
            note_at::<E>(self.0.as_ref(), Location::caller());
        }
    }
}

/// Whether there is a request that might fail.
fn is_wanted() -> bool {
    global::is_enabled() && Request::is_current()
}

#[cold]
fn note_at<E: ?Sized>(error: &(dyn Error + 'static), place: &'static Location<'static>) {
    let incident = Incident::noted::<E>(error).place(place).in_current_spans().with_stack();
    Request::current(|request| request.note(incident));
}
