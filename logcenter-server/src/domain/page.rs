//! Filtering, sorting and paging lists of issues.

use super::ids::IssueId;
use super::issue::Issue;
use super::query::{Condition, Test};
use super::scope::Scope;
use std::fmt;
use std::str::FromStr;

/// The filter of a list of issues.
#[derive(Debug, Clone, Default)]
pub struct IssueFilter {
    /// Only issues of the projects that the caller can see.
    pub scope: Scope,
    /// Only issues that fit each of these.
    pub conditions: Vec<Condition>,
    /// Only these issues.
    pub among: Option<Vec<IssueId>>,
}

impl IssueFilter {
    /// Issues that fit each of these.
    #[must_use]
    pub fn of(tests: impl IntoIterator<Item = Test>) -> Self {
        Self { conditions: tests.into_iter().map(Test::wanted).collect(), ..Self::default() }
    }

    /// These issues, if they exist.
    #[must_use]
    pub fn among(ids: Vec<IssueId>) -> Self {
        Self { among: Some(ids), ..Self::default() }
    }
}

/// The order of a list, newest or largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By when it was last seen.
    #[default]
    LastSeen,
    /// By when it was first seen.
    FirstSeen,
    /// By number of events.
    Count,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::LastSeen, Self::FirstSeen, Self::Count];

    /// The name in the API, which is also the column name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LastSeen => "last_seen",
            Self::FirstSeen => "first_seen",
            Self::Count => "count",
        }
    }

    /// The value an issue is sorted by.
    #[must_use]
    pub const fn key(self, issue: &Issue) -> i64 {
        match self {
            Self::LastSeen => issue.last_seen.millis(),
            Self::FirstSeen => issue.first_seen.millis(),
            Self::Count => issue.count,
        }
    }
}

/// Not the name of an order.
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

/// The end of a page of issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The order of the list.
    pub sort: Sort,
    /// The sort value of the last issue.
    pub key: i64,
    /// The last issue.
    pub id: IssueId,
}

/// Not a cursor issued by this server.
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

/// The requested page of a list of issues.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// The order.
    pub sort: Sort,
    /// Page size, 1–200.
    pub limit: u32,
    /// Start after this cursor.
    pub after: Option<Cursor>,
}

/// Part of a list, and whether there is more.
#[derive(Debug)]
pub struct Page<T> {
    /// The items on the page.
    pub items: Vec<T>,
    /// Whether there is a next page.
    pub more: bool,
}

/// Maximum length of a search text, in characters.
pub const MAX_SEARCH_CHARS: usize = 1000;

impl<T> Page<T> {
    /// Builds a page from a list that was read one item beyond the limit.
    #[must_use]
    pub fn of(mut items: Vec<T>, limit: u32) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        Self { items, more }
    }
}
