//! The keys of the query language.

/// A key of the query language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A state that has a name of its own: see [`Is`](super::Is).
    Is,
    /// The status.
    Status,
    /// The project.
    Project,
    /// An environment in which it was seen.
    Env,
    /// Where the errors come from.
    Source,
    /// The level of the latest event.
    Level,
    /// A version or commit in which it was seen.
    Version,
    /// A part of the file's path.
    File,
    /// A part of the error's type.
    Type,
    /// Last seen at or after a time.
    Since,
    /// Last seen before a time.
    Until,
    /// First seen at or after a time.
    First,
    /// Number of events.
    Count,
}

impl Key {
    /// Every key.
    pub const ALL: [Self; 13] = [
        Self::Is,
        Self::Status,
        Self::Project,
        Self::Env,
        Self::Source,
        Self::Level,
        Self::Version,
        Self::File,
        Self::Type,
        Self::Since,
        Self::Until,
        Self::First,
        Self::Count,
    ];

    /// How it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::Status => "status",
            Self::Project => "project",
            Self::Env => "env",
            Self::Source => "source",
            Self::Level => "level",
            Self::Version => "version",
            Self::File => "file",
            Self::Type => "type",
            Self::Since => "since",
            Self::Until => "until",
            Self::First => "first",
            Self::Count => "count",
        }
    }

    /// Reads a key; `env` may be written in full.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        if word == "environment" {
            return Some(Self::Env);
        }
        Self::ALL.into_iter().find(|key| key.as_str() == word)
    }
}
