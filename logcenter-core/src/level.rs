//! Severity of events.

use crate::text_enum::{UnknownWord, text_enum};

/// Severity of an event. Ordered from mildest to most severe, so that levels can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth a look; nothing failed for a user.
    Warning,
    /// Something failed.
    Error,
    /// The service as a whole is affected.
    Critical,
}

text_enum!(Level { Warning = "WARNING", Error = "ERROR", Critical = "CRITICAL" });

impl Level {
    /// Parses what clients send: any letter case, and the aliases `WARN`, `ERR` and `FATAL`.
    ///
    /// ```
    /// use logcenter_core::Level;
    /// assert_eq!(Level::from_client("fatal"), Ok(Level::Critical));
    /// assert!(Level::from_client("INFO").is_err());
    /// ```
    ///
    /// # Errors
    /// Any other word; the error lists the accepted ones.
    pub fn from_client(text: &str) -> Result<Self, UnknownWord> {
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if is("ERROR") || is("ERR") {
            Ok(Self::Error)
        } else if is("WARNING") || is("WARN") {
            Ok(Self::Warning)
        } else if is("CRITICAL") || is("FATAL") {
            Ok(Self::Critical)
        } else {
            Err(UnknownWord(&["ERROR", "WARNING", "CRITICAL"]))
        }
    }
}
