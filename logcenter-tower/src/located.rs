//! Custom error types that know their line.

use std::panic::Location;

/// A source line, to be stored in an error.
///
/// ```
/// let here = logcenter_tower::Here::caller();
/// assert_eq!(here.location().line(), line!() - 1);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Here(&'static Location<'static>);

impl Here {
    /// The caller's line.
    #[track_caller]
    #[must_use]
    pub fn caller() -> Self {
        Self(Location::caller())
    }

    /// The location, as the compiler knows it.
    #[must_use]
    pub fn location(self) -> &'static Location<'static> {
        self.0
    }
}

impl std::fmt::Debug for Here {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An error that may know where it was created. [`tracked_from!`](crate::tracked_from) implements it for an enum.
///
/// ```
/// use logcenter_tower::{Here, Located};
///
/// #[derive(Debug)]
/// struct OutOfStock(Here);
///
/// impl std::fmt::Display for OutOfStock {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         f.write_str("nothing left")
///     }
/// }
/// impl std::error::Error for OutOfStock {}
/// impl Located for OutOfStock {
///     fn here(&self) -> Option<Here> {
///         Some(self.0)
///     }
/// }
/// ```
pub trait Located: std::error::Error + Send + Sync + 'static {
    /// Where it was created.
    fn here(&self) -> Option<Here>;
}

/// Lets `?` create variants of a custom error that know their line.
///
/// Each listed variant holds the error and a [`Here`]. Implements `From` for each variant, and [`Located`] for the
/// enum.
///
/// ```
/// use logcenter_tower::{Here, Located, tracked_from};
///
/// #[derive(Debug)]
/// enum AppError {
///     Number(std::num::ParseIntError, Here),
///     NotFound,
/// }
/// tracked_from!(AppError { Number(std::num::ParseIntError) });
///
/// impl std::fmt::Display for AppError {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         f.write_str("it did not work")
///     }
/// }
/// impl std::error::Error for AppError {}
///
/// const LINE: u32 = line!() + 2;
/// fn number(text: &str) -> Result<u8, AppError> {
///     Ok(text.parse()?)
/// }
/// let here = number("x").unwrap_err().here().unwrap();
/// assert_eq!(here.location().line(), LINE);
/// assert!(AppError::NotFound.here().is_none());
/// ```
#[macro_export]
macro_rules! tracked_from {
    ($error:ident { $($variant:ident($source:ty)),+ $(,)? }) => {
        $(impl ::std::convert::From<$source> for $error {
            #[track_caller]
            fn from(error: $source) -> Self {
                $crate::note_with(|| $crate::incident_of!(&error));
                Self::$variant(error, $crate::Here::caller())
            }
        })+
        impl $crate::Located for $error {
            fn here(&self) -> ::std::option::Option<$crate::Here> {
                #[allow(unreachable_patterns)]
                match self {
                    $(Self::$variant(_, here) => ::std::option::Option::Some(*here),)+
                    _ => ::std::option::Option::None,
                }
            }
        }
    };
}
