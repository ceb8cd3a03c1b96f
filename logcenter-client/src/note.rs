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
    note_with(|| Incident::noted::<E>(error.as_dyn()));
}

/// As [`note`], with the incident of an error of any type. For macros; see [`incident_of!`](crate::incident_of).
///
/// ```
/// let error: Box<dyn std::error::Error> = "no".into();
/// logcenter_client::note_with(|| logcenter_client::incident_of!(&error));
/// ```
#[track_caller]
pub fn note_with(incident: impl FnOnce() -> Incident) {
    if enabled::is_enabled() && Request::is_current() {
        note_incident(incident(), Location::caller());
    }
}

/// Reports what a program ends with, at the caller's line unless the error knows a better one. For
/// [`reported!`](crate::reported).
///
/// ```
/// logcenter_client::report_fatal(|| logcenter_client::incident_of!(&std::fmt::Error));
/// ```
#[track_caller]
pub fn report_fatal(incident: impl FnOnce() -> Incident) {
    if enabled::is_enabled() {
        let incident = incident().or_place(Location::caller()).level(Level::Critical).in_current_spans();
        incident.in_current_request().with_stack().send();
    }
}

/// The incident of a reference to an error of any type: errors, reports such as `anyhow::Error` that are none themselves,
/// `Box<dyn Error>`, and whatever else can be shown. For macros that know a type only by its name.
///
/// ```
/// let error: Box<dyn std::error::Error + Send + Sync> = "no".into();
/// let incident: logcenter_client::Incident = logcenter_client::incident_of!(&error);
/// ```
#[macro_export]
macro_rules! incident_of {
    ($error:expr) => {{
        // The compiler takes the first trait that fits, by the number of references that it removes.
        #[allow(unused_imports)]
        use $crate::{NoteBox as _, NoteError as _, NoteReport as _, NoteShown as _};
        (&&&&$crate::Noted($error)).incident()
    }};
}

/// An error of any type, for [`incident_of!`](crate::incident_of).
///
/// ```
/// use logcenter_client::{NoteError, Noted};
///
/// let error = std::io::Error::other("no");
/// let incident = (&&&Noted(&error)).incident();
/// ```
#[derive(Debug)]
pub struct Noted<'a, E: ?Sized>(pub &'a E);

/// The incident of a `Box<dyn Error>`, which is no error itself.
///
/// ```
/// use logcenter_client::{NoteBox, Noted};
/// use std::error::Error;
///
/// let error: Box<dyn Error> = "no".into();
/// let incident = (&&&&Noted(&error)).incident();
/// ```
pub trait NoteBox {
    /// Its incident, without a place.
    fn incident(&self) -> Incident;
}

impl NoteBox for &&&Noted<'_, Box<dyn Error>> {
    fn incident(&self) -> Incident {
        Incident::noted::<dyn Error>(&**self.0)
    }
}

/// The incident of a value that is an error.
///
/// ```
/// use logcenter_client::{NoteError, Noted};
///
/// let incident = (&&&Noted(&std::fmt::Error)).incident();
/// ```
pub trait NoteError {
    /// Its incident, without a place.
    fn incident(&self) -> Incident;
}

impl<E: Error + 'static> NoteError for &&Noted<'_, E> {
    fn incident(&self) -> Incident {
        Incident::noted::<E>(self.0)
    }
}

/// The incident of a value that holds an error.
///
/// ```
/// use logcenter_client::{NoteReport, Noted};
/// use std::error::Error;
///
/// let error: Box<dyn Error + Send + Sync> = "no".into();
/// let incident = (&&&Noted(&error)).incident();
/// ```
pub trait NoteReport {
    /// Its incident, without a place unless the value tells one.
    fn incident(&self) -> Incident;
}

impl<E: AsRef<dyn Error + Send + Sync> + Debug + 'static> NoteReport for &Noted<'_, E> {
    fn incident(&self) -> Incident {
        let incident = Incident::noted::<dyn Error>(self.0.as_ref());
        if type_name::is_telling_report::<E>() { incident.of_report(self.0) } else { incident }
    }
}

/// The incident of a value that is neither, but can be shown, such as a report of `error-stack`.
///
/// ```
/// use logcenter_client::{NoteShown, Noted};
///
/// let incident = (&&&Noted(&"no error at all")).incident();
/// ```
pub trait NoteShown {
    /// Its incident, without a place unless the value tells one.
    fn incident(&self) -> Incident;
}

impl<E: Display + Debug> NoteShown for Noted<'_, E> {
    fn incident(&self) -> Incident {
        Incident::of_shown(type_name::of_report::<E>().into(), self.0, self.0).of_report(self.0)
    }
}

#[cold]
fn note_incident(incident: Incident, place: &'static Location<'static>) {
    let incident = incident.or_place(place).in_current_spans().with_stack_of_note();
    Request::current(|request| request.note(incident));
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
            $crate::report_fatal(|| $crate::incident_of!(error));
        }
        result
    }};
}
