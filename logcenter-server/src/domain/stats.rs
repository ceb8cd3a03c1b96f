//! Counts, and the periods they cover.

use logcenter_core::{ProjectId, Source, Status, Timestamp};
use std::collections::BTreeMap;

/// Number of events in an hour or a day that had any.
#[derive(Debug, Clone)]
pub struct PeriodCount {
    /// Start of the hour or day (UTC).
    pub at: Timestamp,
    /// Number of events.
    pub count: i64,
}

/// Number of events of an issue in one environment.
#[derive(Debug, Clone)]
pub struct EnvironmentCount {
    /// The environment.
    pub environment: String,
    /// Number of events.
    pub count: i64,
    /// When the latest of them happened.
    pub last_seen: Timestamp,
}

/// Maximum number of environments in an issue's statistics.
pub const TOP_ENVIRONMENTS: u32 = 200;

/// A day in milliseconds.
pub const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Start of the period for which totals are counted by hour: the last 7 days.
#[must_use]
pub const fn hours_since(now: Timestamp) -> Timestamp {
    now.minus_millis(7 * DAY_MILLIS).hour()
}

/// Start of the period for which totals are counted by day: the last 90 days.
#[must_use]
pub const fn days_since(now: Timestamp) -> Timestamp {
    now.minus_millis(90 * DAY_MILLIS).day()
}

/// Event counts of an issue by hour, day and environment.
#[derive(Debug, Clone)]
pub struct IssueStats {
    /// By hour, oldest first; hours without events are omitted. An event received more than 14 days late is
    /// counted in the first hour of its day, after 90 days of its month.
    pub hours: Vec<PeriodCount>,
    /// By day (UTC), oldest first; days without events are omitted.
    pub days: Vec<PeriodCount>,
    /// By environment, largest count first, at most 200. An issue is counted in 256 by name, in any
    /// further ones as `(other)`.
    pub environments: Vec<EnvironmentCount>,
}

/// Totals of the issues of a project and source that have a status.
#[derive(Debug, Clone)]
pub struct IssueTotals {
    /// The project.
    pub project_id: ProjectId,
    /// Their status.
    pub status: Status,
    /// Where the errors come from.
    pub source: Source,
    /// Number of issues.
    pub issues: i64,
    /// Number of events.
    pub count: i64,
}

/// How many issues have a status, and how many of them have regressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateCount {
    /// Their status.
    pub status: Status,
    /// Number of issues.
    pub issues: i64,
    /// Number of those that have regressed.
    pub regressed: i64,
}

/// Totals of a project.
#[derive(Debug, Clone)]
pub struct ProjectCount {
    /// The project.
    pub project_id: ProjectId,
    /// Number of issues.
    pub issues: i64,
    /// Number of events.
    pub count: i64,
}

/// Totals of a status.
#[derive(Debug, Clone)]
pub struct StatusCount {
    /// The status.
    pub status: Status,
    /// Number of issues.
    pub issues: i64,
    /// Number of events.
    pub count: i64,
}

/// Totals of a source.
#[derive(Debug, Clone)]
pub struct SourceCount {
    /// The source.
    pub source: Source,
    /// Number of issues.
    pub issues: i64,
    /// Number of events.
    pub count: i64,
}

/// Totals across all projects.
#[derive(Debug, Clone)]
pub struct Stats {
    /// Number of issues.
    pub issues: i64,
    /// Number of events.
    pub count: i64,
    /// By project.
    pub projects: Vec<ProjectCount>,
    /// By status.
    pub statuses: Vec<StatusCount>,
    /// By source.
    pub sources: Vec<SourceCount>,
    /// Events by hour over the last 7 days, oldest first; hours without events are omitted.
    pub hours: Vec<PeriodCount>,
    /// Events by day (UTC) over the last 90 days, oldest first; days without events are omitted.
    pub days: Vec<PeriodCount>,
}

impl Stats {
    /// Sums totals up, each in the order of its names.
    #[must_use]
    pub fn of(totals: &[IssueTotals], hours: Vec<PeriodCount>, days: Vec<PeriodCount>) -> Self {
        let projects = summed(totals, |one| one.project_id.as_str(), |one| one.project_id.clone());
        let statuses = summed(totals, |one| one.status.as_str(), |one| one.status);
        let sources = summed(totals, |one| one.source.as_str(), |one| one.source);
        Self {
            issues: totals.iter().map(|one| one.issues).sum(),
            count: totals.iter().map(|one| one.count).sum(),
            projects: projects
                .map(|(project_id, issues, count)| ProjectCount { project_id, issues, count })
                .collect(),
            statuses: statuses.map(|(status, issues, count)| StatusCount { status, issues, count }).collect(),
            sources: sources.map(|(source, issues, count)| SourceCount { source, issues, count }).collect(),
            hours,
            days,
        }
    }
}

/// Issues and events by what `of` returns, in the order of its name.
fn summed<'a, T>(
    totals: &'a [IssueTotals],
    name: impl Fn(&'a IssueTotals) -> &'a str,
    of: impl Fn(&'a IssueTotals) -> T,
) -> impl Iterator<Item = (T, i64, i64)> {
    let mut sums: BTreeMap<&str, (T, i64, i64)> = BTreeMap::new();
    for one in totals {
        let sum = sums.entry(name(one)).or_insert_with(|| (of(one), 0, 0));
        sum.1 += one.issues;
        sum.2 += one.count;
    }
    sums.into_values()
}
