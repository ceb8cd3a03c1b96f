//! Source locations.

use std::borrow::Cow;
use std::panic::Location;

/// A source location, as the compiler names it.
///
/// ```
/// use logcenter_client::Place;
///
/// #[track_caller]
/// fn here() -> Place {
///     std::panic::Location::caller().into()
/// }
/// assert_eq!(here().line, line!());
/// assert!(Place { file: "src/main.rs".into(), line: 1 }.is_likely_in_app());
/// assert!(!Place { file: "/rustc/0/library/core/src/ops/function.rs".into(), line: 250 }.is_likely_in_app());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file: `Location::file()` or `Metadata::file()`.
    pub file: Cow<'static, str>,
    /// The line, starting at 1.
    pub line: u32,
}

impl Place {
    /// Whether it is likely to be in the program's own sources: the compiler was given its path relative to the
    /// workspace.
    #[must_use]
    pub fn is_likely_in_app(&self) -> bool {
        Self::is_file_likely_in_app(&self.file)
    }

    /// Like [`is_likely_in_app`](Self::is_likely_in_app), for a file.
    #[must_use]
    pub fn is_file_likely_in_app(file: &str) -> bool {
        let drive = file.as_bytes().get(1) == Some(&b':');
        !file.starts_with(['/', '\\']) && !drive && !file.starts_with("rustc/")
    }
}

impl From<&'static Location<'static>> for Place {
    fn from(location: &'static Location<'static>) -> Self {
        Self { file: Cow::Borrowed(location.file()), line: location.line() }
    }
}
