//! Where something is in the source.

use std::borrow::Cow;
use std::panic::Location;

/// Where something is in the source, as the compiler names it.
///
/// ```
/// use logcenter_client::Place;
///
/// #[track_caller]
/// fn here() -> Place {
///     std::panic::Location::caller().into()
/// }
/// assert_eq!(here().line, line!());
/// assert!(Place { file: "src/main.rs".into(), line: 1 }.looks_own());
/// assert!(!Place { file: "/rustc/0/library/core/src/ops/function.rs".into(), line: 250 }.looks_own());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// `Location::file()` or `Metadata::file()`.
    pub file: Cow<'static, str>,
    /// From 1.
    pub line: u32,
}

impl Place {
    /// Whether it is likely to be in the program's own sources: a path that the compiler was given relative to the workspace.
    #[must_use]
    pub fn looks_own(&self) -> bool {
        Self::file_looks_own(&self.file)
    }

    /// The same of a file.
    #[must_use]
    pub fn file_looks_own(file: &str) -> bool {
        let drive = file.as_bytes().get(1) == Some(&b':');
        !file.starts_with(['/', '\\']) && !drive && !file.starts_with("rustc/")
    }
}

impl From<&'static Location<'static>> for Place {
    fn from(location: &'static Location<'static>) -> Self {
        Self { file: Cow::Borrowed(location.file()), line: location.line() }
    }
}
