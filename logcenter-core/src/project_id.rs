//! Project IDs.

use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

/// A project ID: 1–128 characters from `A-Z a-z 0-9 _ - .`, starting with a letter or a digit.
///
/// ```
/// use logcenter_core::ProjectId;
/// assert_eq!("rtc_backend".parse::<ProjectId>().unwrap().as_str(), "rtc_backend");
/// assert!("../etc".parse::<ProjectId>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectId(Box<str>);

impl ProjectId {
    /// The ID as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a project ID. The error message says what one looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidProjectId;

impl fmt::Display for InvalidProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be 1 to 128 of A-Z a-z 0-9 _ - . and begin with a letter or a digit")
    }
}

impl core::error::Error for InvalidProjectId {}

impl FromStr for ProjectId {
    type Err = InvalidProjectId;

    fn from_str(text: &str) -> Result<Self, InvalidProjectId> {
        let first_is_valid = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        let rest_is_valid =
            text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if first_is_valid && rest_is_valid && text.len() <= 128 {
            Ok(Self(text.into()))
        } else {
            Err(InvalidProjectId)
        }
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl serde::Serialize for ProjectId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for ProjectId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <alloc::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
