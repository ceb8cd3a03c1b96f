//! Notes errors where a `?` converts them, for the request to report if it fails.

use crate::capture::AsDyn;
use crate::enabled;
use crate::incident::Incident;
use crate::request::Request;
use crate::type_name;
use logcenter_core::Level;
use std::error::Error;
use std::fmt::{Debug, Display};
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
        note_incident(Incident::noted::<E>(error.as_dyn()), Location::caller());
    }
}

/// Notes errors of any type that a `From` implementation converts: errors, and reports such as `anyhow::Error` that are
/// none themselves. For macros.
///
/// ```
/// use logcenter_client::{NoteError, Noted};
///
/// let error = std::io::Error::other("no");
/// (&&&Noted(&error)).note();
/// ```
#[derive(Debug)]
pub struct Noted<'a, E: ?Sized>(pub &'a E);

/// Notes a value that is an error.
///
/// ```
/// use logcenter_client::{NoteError, Noted};
///
/// (&&&Noted(&std::fmt::Error)).note();
/// ```
pub trait NoteError {
    /// Notes it at the caller's line.
    fn note(&self);
    /// Reports it.
    fn report(&self);
}

impl<E: Error + 'static> NoteError for &&Noted<'_, E> {
    #[track_caller]
    fn note(&self) {
        if is_wanted() {
            note_incident(Incident::noted::<E>(self.0), Location::caller());
        }
    }

    #[track_caller]
    fn report(&self) {
        report_incident(Incident::noted::<E>(self.0), Location::caller());
    }
}

/// Notes a value that holds an error, which the compiler chooses only for values that are none.
///
/// ```
/// use logcenter_client::{NoteReport, Noted};
/// use std::error::Error;
///
/// let error: Box<dyn Error + Send + Sync> = "no".into();
/// (&&&Noted(&error)).note();
/// ```
pub trait NoteReport {
    /// Notes it at the caller's line.
    fn note(&self);
    /// Reports it.
    fn report(&self);
}

impl<E: AsRef<dyn Error + Send + Sync> + Debug + 'static> NoteReport for &Noted<'_, E> {
    #[track_caller]
    fn note(&self) {
        if is_wanted() {
            note_incident(held(self.0), Location::caller());
        }
    }

    #[track_caller]
    fn report(&self) {
        report_incident(held(self.0), Location::caller());
    }
}

/// Notes a `Box<dyn Error>`, which is no error itself.
///
/// ```
/// use logcenter_client::{NoteBox, Noted};
/// use std::error::Error;
///
/// let error: Box<dyn Error> = "no".into();
/// (&&&&Noted(&error)).note();
/// ```
pub trait NoteBox {
    /// Notes it at the caller's line.
    fn note(&self);
    /// Reports it.
    fn report(&self);
}

impl NoteBox for &&&Noted<'_, Box<dyn Error>> {
    #[track_caller]
    fn note(&self) {
        if is_wanted() {
            note_incident(Incident::noted::<dyn Error>(&**self.0), Location::caller());
        }
    }

    #[track_caller]
    fn report(&self) {
        report_incident(Incident::noted::<dyn Error>(&**self.0), Location::caller());
    }
}

/// Notes a value that is neither, but can be shown, such as a report of `error-stack`.
///
/// ```
/// use logcenter_client::{NoteShown, Noted};
///
/// (&&&Noted(&"no error at all")).note();
/// ```
pub trait NoteShown {
    /// Notes it at the caller's line.
    fn note(&self);
    /// Reports it.
    fn report(&self);
}

impl<E: Display + Debug> NoteShown for Noted<'_, E> {
    #[track_caller]
    fn note(&self) {
        if is_wanted() {
            note_incident(shown(self.0), Location::caller());
        }
    }

    #[track_caller]
    fn report(&self) {
        report_incident(shown(self.0), Location::caller());
    }
}

fn held<E: AsRef<dyn Error + Send + Sync> + Debug>(report: &E) -> Incident {
    let incident = Incident::noted::<dyn Error>(report.as_ref());
    if type_name::is_telling_report::<E>() { incident.of_report(report) } else { incident }
}

fn shown<E: Display + Debug>(report: &E) -> Incident {
    Incident::of_shown(type_name::of_report::<E>().into(), report, report).of_report(report)
}

/// Whether there is a request that might fail.
fn is_wanted() -> bool {
    enabled::is_enabled() && Request::is_current()
}

#[cold]
fn note_incident(incident: Incident, place: &'static Location<'static>) {
    let incident = incident.or_place(place).in_current_spans().with_stack_of_note();
    Request::current(|request| request.note(incident));
}

/// Reports what a program ends with.
#[cold]
fn report_incident(incident: Incident, place: &'static Location<'static>) {
    if enabled::is_enabled() {
        let incident = incident.or_place(place).level(Level::Critical).in_current_spans();
        incident.in_current_request().with_stack().send();
    }
}

/// Reports the error of a `Result`, at level `CRITICAL`, and evaluates to the same `Result`. For the error that a program
/// ends with, which nobody else sees.
///
/// ```
/// fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
///     let _guard = logcenter_client::init(
///         logcenter_client::Config::from_env().app(logcenter_client::app_info!()),
///     );
///     logcenter_client::reported!(run())
/// }
///
/// fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
///     // …
///     Ok(())
/// }
/// ```
///
/// Takes any error, `anyhow::Error`, `eyre::Report` (which tells where it was created) and whatever can be shown.
#[macro_export]
macro_rules! reported {
    ($result:expr) => {{
        let result = $result;
        if let ::std::result::Result::Err(error) = &result {
            #[allow(unused_imports)]
            use $crate::{NoteBox as _, NoteError as _, NoteReport as _, NoteShown as _};
            (&&&&$crate::Noted(error)).report();
        }
        result
    }};
}
