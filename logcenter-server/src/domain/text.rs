//! Texts that people and programs enter, with their limits.

use std::fmt;
use std::ops::Deref;

/// A text of 1 to `MAX` characters without NUL, which not every store can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<const MAX: usize>(String);

/// Why a status was changed.
pub type Note = Text<20_000>;
/// The name that a history shows for whoever made a change.
pub type ActorName = Text<200>;
/// A commit, whole or shortened.
pub type CommitHash = Text<200>;
/// An address: of a repository, of a pull request.
pub type Url = Text<2000>;
/// A folder on the machine of the repair agent.
pub type LocalPath = Text<2000>;
/// What a project is called.
pub type ProjectName = Text<200>;
/// What a project is.
pub type Description = Text<20_000>;
/// An environment, as in a report.
pub type Environment = Text<128>;
/// A version of a program.
pub type Version = Text<2000>;

/// The text is longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// The most characters that it may have.
    pub max: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must have at most {} characters", self.max)
    }
}

impl<const MAX: usize> Text<MAX> {
    /// The most characters that it may have.
    pub const MAX_CHARS: usize = MAX;

    /// Reads a text. An empty one is none.
    ///
    /// # Errors
    /// [`TooLong`]: it has more than `MAX` characters.
    pub fn read(text: &str) -> Result<Option<Self>, TooLong> {
        if text.chars().nth(MAX).is_some() {
            return Err(TooLong { max: MAX });
        }
        Ok((!text.is_empty()).then(|| Self(text.replace('\0', "\u{FFFD}"))))
    }

    /// A text that the server writes itself, cut to its limit.
    #[must_use]
    pub fn cut(text: &str) -> Self {
        Self(text.chars().take(MAX).collect())
    }

    /// The text itself.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_measured_in_characters_and_holds_no_nul() {
        assert_eq!(Text::<2>::read("").unwrap(), None);
        assert_eq!(&*Text::<2>::read("最最").unwrap().unwrap(), "最最");
        assert_eq!(Text::<2>::read("abc"), Err(TooLong { max: 2 }));
        assert_eq!(&*Text::<2>::read("\0").unwrap().unwrap(), "\u{FFFD}");
        assert_eq!(&*Text::<2>::cut("abc"), "ab");
    }
}
