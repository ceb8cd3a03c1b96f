//! Counts, and the spans of time that they cover.

use logcenter_core::{ProjectId, Source, Status, Timestamp};

/// How many errors in an hour or a day that saw any.
#[derive(Debug, Clone)]
pub struct PeriodCount {
    /// When the hour or the day (UTC) begins.
    pub at: Timestamp,
    /// How many errors.
    pub count: i64,
}

/// How many errors of an issue in one environment.
#[derive(Debug, Clone)]
pub struct EnvironmentCount {
    /// The environment.
    pub environment: String,
    /// How many errors.
    pub count: i64,
    /// When last.
    pub last_seen: Timestamp,
}

/// The most environments that the statistics of an issue name.
pub const TOP_ENVIRONMENTS: u32 = 200;

/// A day in milliseconds.
pub const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// From when on totals are counted by hour: the newest 7 days.
#[must_use]
pub const fn hours_since(now: Timestamp) -> Timestamp {
    now.minus_millis(7 * DAY_MILLIS).hour()
}

/// From when on totals are counted by day: the newest 90 days.
#[must_use]
pub const fn days_since(now: Timestamp) -> Timestamp {
    now.minus_millis(90 * DAY_MILLIS).day()
}

/// How the errors of an issue spread over time and environments.
#[derive(Debug, Clone)]
pub struct IssueStats {
    /// By hour, oldest first; hours without errors are left out.
    pub hours: Vec<PeriodCount>,
    /// By day (UTC), oldest first, likewise.
    pub days: Vec<PeriodCount>,
    /// By environment, the largest count first, 200 at most.
    pub environments: Vec<EnvironmentCount>,
}

/// A project's issues.
#[derive(Debug, Clone)]
pub struct ProjectCount {
    /// The project.
    pub project_id: ProjectId,
    /// How many issues.
    pub issues: i64,
    /// How many errors they counted.
    pub count: i64,
}

/// The issues that stand somewhere.
#[derive(Debug, Clone)]
pub struct StatusCount {
    /// Where they stand.
    pub status: Status,
    /// How many issues.
    pub issues: i64,
    /// How many errors they counted.
    pub count: i64,
}

/// The issues of a source.
#[derive(Debug, Clone)]
pub struct SourceCount {
    /// The source.
    pub source: Source,
    /// How many issues.
    pub issues: i64,
    /// How many errors they counted.
    pub count: i64,
}

/// Totals over everything.
#[derive(Debug, Clone)]
pub struct Stats {
    /// How many issues.
    pub issues: i64,
    /// How many errors they counted.
    pub count: i64,
    /// By project.
    pub projects: Vec<ProjectCount>,
    /// By status.
    pub statuses: Vec<StatusCount>,
    /// By source.
    pub sources: Vec<SourceCount>,
    /// Errors by hour, the newest 7 days, oldest first; hours without errors are left out.
    pub hours: Vec<PeriodCount>,
    /// Errors by day (UTC), the newest 90 days, likewise.
    pub days: Vec<PeriodCount>,
}
