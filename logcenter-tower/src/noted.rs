//! Custom error types that tell of the line where a `?` made them.

/// Lets `?` tell the line, the type and the stack of the errors that it converts into a type with `#[from]`, as `thiserror`
/// has it. Write it above `#[derive(…)]`; nothing else changes.
///
/// ```
/// #[logcenter_tower::noted]
/// #[derive(Debug, thiserror::Error)]
/// enum AppError {
///     #[error("the file cannot be read")]
///     Io(#[from] std::io::Error),
///     #[error(transparent)]
///     Other(#[from] anyhow::Error),
///     #[error("not found")]
///     NotFound,
/// }
///
/// fn read(path: &str) -> Result<String, AppError> {
///     if path.is_empty() {
///         return Err(AppError::NotFound);
///     }
///     Ok(std::fs::read_to_string(path)?) // if the request fails of it, this line is reported
/// }
/// # assert!(std::error::Error::source(&read("/nowhere").unwrap_err()).is_some());
/// ```
///
/// It implements `From` itself, so a type that does not derive `thiserror::Error` may have `#[from]`, too. A variant with
/// `#[from]` holds nothing but the error:
///
/// ```compile_fail
/// #[logcenter_tower::noted]
/// #[derive(Debug, thiserror::Error)]
/// #[error("it did not work")]
/// struct AppError {
///     #[from]
///     source: std::io::Error,
///     path: String,
/// }
/// ```
pub use logcenter_macros::noted;

/// Lets `?` tell the line, the type and the stack of the errors that it converts into a custom type. The type itself does
/// not change: no field, no match arm, and nothing at the place where the response is made.
///
/// Implements `From` for each listed variant, which holds nothing but the error. Where `#[from]` says so, as with
/// `thiserror`, [`noted`](macro@crate::noted) does the same.
///
/// ```
/// use logcenter_tower::noted_from;
///
/// #[derive(Debug)]
/// enum AppError {
///     Io(std::io::Error),
///     Other(Box<dyn std::error::Error + Send + Sync>),
///     NotFound,
/// }
/// noted_from!(AppError { Io(std::io::Error), Other(Box<dyn std::error::Error + Send + Sync>) });
///
/// fn read(path: &str) -> Result<String, AppError> {
///     if path.is_empty() {
///         return Err(AppError::NotFound);
///     }
///     Ok(std::fs::read_to_string(path)?) // if the request fails of it, this line is reported
/// }
/// # assert!(matches!(read("/nowhere"), Err(AppError::Io(_))));
/// ```
///
/// A struct that wraps one error, as is usual with `anyhow`:
///
/// ```
/// use logcenter_tower::noted_from;
///
/// struct AppError(Box<dyn std::error::Error + Send + Sync>);
/// noted_from!(AppError(Box<dyn std::error::Error + Send + Sync>));
///
/// fn port(text: &str) -> Result<u16, AppError> {
///     Ok(text.parse::<u16>()?)
/// }
/// # assert!(port("x").is_err());
/// ```
///
/// The second form converts everything that can become the wrapped type.
#[macro_export]
macro_rules! noted_from {
    ($error:ident { $($variant:ident($source:ty)),+ $(,)? }) => {
        $(impl ::std::convert::From<$source> for $error {
            #[track_caller]
            fn from(error: $source) -> Self {
                $crate::note_with(|| $crate::incident_of!(&error));
                Self::$variant(error)
            }
        })+
    };
    ($error:ident($source:ty)) => {
        impl<E: ::std::convert::Into<$source>> ::std::convert::From<E> for $error {
            #[track_caller]
            fn from(error: E) -> Self {
                let error: $source = error.into();
                $crate::note_with(|| $crate::incident_of!(&error));
                Self(error)
            }
        }
    };
}
