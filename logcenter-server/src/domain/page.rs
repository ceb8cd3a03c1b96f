//! Which issues of a list, and which page of it.

use super::ids::IssueId;
use super::issue::Issue;
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};
use std::fmt;
use std::str::FromStr;

/// What a list of issues is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct IssueFilter {
    /// Only issues of this project.
    pub project_id: Option<ProjectId>,
    /// Only issues with this status.
    pub status: Option<Status>,
    /// Only issues of this source.
    pub source: Option<Source>,
    /// Only issues whose latest event has this level.
    pub level: Option<Level>,
    /// Only issues that were seen in this environment.
    pub environment: Option<String>,
    /// Only issues with this text in type, message or file. A–Z and a–z are the same, all other letters differ.
    pub q: Option<String>,
    /// Only issues last seen at or after this time.
    pub since: Option<Timestamp>,
    /// Only issues last seen before this time.
    pub until: Option<Timestamp>,
    /// Only these issues.
    pub among: Option<Vec<IssueId>>,
}

/// The order of a list: the newest or largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// When it was last seen.
    #[default]
    LastSeen,
    /// When it was first seen.
    FirstSeen,
    /// How many errors were reported.
    Count,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::LastSeen, Self::FirstSeen, Self::Count];

    /// The name in the API, which is also the column's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LastSeen => "last_seen",
            Self::FirstSeen => "first_seen",
            Self::Count => "count",
        }
    }

    /// What an issue is sorted by.
    #[must_use]
    pub const fn key(self, issue: &Issue) -> i64 {
        match self {
            Self::LastSeen => issue.last_seen.millis(),
            Self::FirstSeen => issue.first_seen.millis(),
            Self::Count => issue.count,
        }
    }
}

/// Not one of the orders.
#[derive(Debug)]
pub struct UnknownSort;

impl fmt::Display for UnknownSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be one of last_seen, first_seen, count")
    }
}

impl FromStr for Sort {
    type Err = UnknownSort;

    fn from_str(text: &str) -> Result<Self, UnknownSort> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text).ok_or(UnknownSort)
    }
}

/// Where a page of issues ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The order of the list.
    pub sort: Sort,
    /// What the last issue was sorted by.
    pub key: i64,
    /// The last issue.
    pub id: IssueId,
}

/// The text is no cursor that this server gave.
#[derive(Debug)]
pub struct InvalidCursor;

impl fmt::Display for InvalidCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be the next_cursor of the page before, with the same sort")
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.sort.as_str(), self.key, self.id)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(InvalidCursor);
        let (sort, key, id) = (part()?, part()?, part()?);
        let number = |text: &str| text.parse().map_err(|_| InvalidCursor);
        let cursor = Self {
            sort: sort.parse().map_err(|_| InvalidCursor)?,
            key: number(key)?,
            id: IssueId(number(id)?),
        };
        if parts.next().is_none() { Ok(cursor) } else { Err(InvalidCursor) }
    }
}

/// Which page of a list of issues.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// The order.
    pub sort: Sort,
    /// The most issues on a page, 1–200.
    pub limit: u32,
    /// After this one.
    pub after: Option<Cursor>,
}

/// Some of a list, and whether more follows.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// Whether there is a next page.
    pub more: bool,
}

/// The most characters of a text that is searched for.
pub const MAX_SEARCH_CHARS: usize = 1000;

impl IssueFilter {
    /// Whether an issue has the text that is searched for: what every store must answer, however it finds it.
    #[must_use]
    pub fn has_text(&self, issue: &Issue) -> bool {
        let Some(wanted) = &self.q else { return true };
        let wanted = wanted.to_ascii_lowercase();
        let places =
            [Some(&issue.error.error_type), Some(&issue.error.message), issue.error.file_path.as_ref()];
        places.into_iter().flatten().any(|text| text.to_ascii_lowercase().contains(&wanted))
    }
}

impl<T> Page<T> {
    /// A page of a list that was read one item further than the page is long.
    #[must_use]
    pub fn of(mut items: Vec<T>, limit: u32) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        Self { items, more }
    }
}
