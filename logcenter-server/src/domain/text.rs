//! Texts entered by people and programs, with their length limits.

use std::fmt;
use std::ops::Deref;

/// A text of 1 to `MAX` characters without NUL, which not every store can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<const MAX: usize>(String);

/// The reason for a status change.
pub type Note = Text<20_000>;
/// The name shown in the history for the author of a change.
pub type ActorName = Text<200>;
/// A commit hash, full or abbreviated.
pub type CommitHash = Text<200>;
/// The address of a repository or a pull request.
pub type Url = Text<2000>;
/// A folder on the repair agent's machine.
pub type LocalPath = Text<2000>;
/// Display name of a project.
pub type ProjectName = Text<200>;
/// Description of a project.
pub type Description = Text<20_000>;
/// An environment, as in a report.
pub type Environment = Text<128>;
/// A branch in a repository.
pub type Branch = Text<250>;
/// The secret of a lease.
pub type LeaseToken = Text<200>;
/// The name of a forge's check.
pub type CheckName = Text<200>;
/// What a person tells the next attempt.
pub type Hint = Text<4000>;
/// A version of a program.
pub type Version = Text<2000>;

/// The text exceeds its length limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// Maximum number of characters.
    pub max: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must have at most {} characters", self.max)
    }
}

impl<const MAX: usize> Text<MAX> {
    /// Maximum number of characters.
    pub const MAX_CHARS: usize = MAX;

    /// Checks a text's length. An empty text is `None`.
    ///
    /// # Errors
    /// [`TooLong`] if it has more than `MAX` characters.
    pub fn read(text: &str) -> Result<Option<Self>, TooLong> {
        if text.chars().nth(MAX).is_some() {
            return Err(TooLong { max: MAX });
        }
        Ok((!text.is_empty()).then(|| Self(text.replace('\0', "\u{FFFD}"))))
    }

    /// A text from elsewhere than a person's or client's request, truncated to its limit.
    #[must_use]
    pub fn cut(text: &str) -> Self {
        Self(text.chars().take(MAX).map(|one| if one == '\0' { '\u{FFFD}' } else { one }).collect())
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
        assert_eq!(&*Text::<2>::cut("\0bc"), "\u{FFFD}b");
    }
}
