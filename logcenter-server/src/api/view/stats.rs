//! Counts as JSON.

use super::words;
use crate::domain;
use logcenter_core::{ProjectId, Source, Status, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Number of events in an hour or a day that had any.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeriodCount {
    /// Start of the hour or day (UTC).
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Number of events.
    count: i64,
}

/// Number of events of an issue in one environment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnvironmentCount {
    /// The environment.
    environment: String,
    /// Number of events.
    count: i64,
    /// When the latest of them happened.
    #[schema(value_type = String, format = DateTime)]
    last_seen: Timestamp,
}

/// Event counts of an issue by hour, day and environment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssueStats {
    /// By hour, oldest first; hours without events are omitted. An event received more than 14 days late is
    /// counted in the first hour of its day, after 90 days of its month.
    hours: Vec<PeriodCount>,
    /// By day (UTC), oldest first; days without events are omitted.
    days: Vec<PeriodCount>,
    /// By environment, largest count first, at most 200. An issue is counted in 256 by name, in any
    /// further ones as `(other)`.
    environments: Vec<EnvironmentCount>,
}

/// Totals of a project.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectCount {
    /// The project.
    #[schema(value_type = String)]
    project_id: ProjectId,
    /// Number of issues.
    issues: i64,
    /// Number of events.
    count: i64,
}

/// Totals of a status.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusCount {
    /// The status.
    #[schema(value_type = words::Status)]
    status: Status,
    /// Number of issues.
    issues: i64,
    /// Number of events.
    count: i64,
}

/// Totals of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceCount {
    /// The source.
    #[schema(value_type = words::Source)]
    source: Source,
    /// Number of issues.
    issues: i64,
    /// Number of events.
    count: i64,
}

/// Totals across all projects.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stats {
    /// Number of issues.
    issues: i64,
    /// Number of events.
    count: i64,
    /// By project.
    projects: Vec<ProjectCount>,
    /// By status.
    statuses: Vec<StatusCount>,
    /// By source.
    sources: Vec<SourceCount>,
    /// Events by hour over the last 7 days, oldest first; hours without events are omitted.
    hours: Vec<PeriodCount>,
    /// Events by day (UTC) over the last 90 days, oldest first; days without events are omitted.
    days: Vec<PeriodCount>,
}

impl From<domain::PeriodCount> for PeriodCount {
    fn from(from: domain::PeriodCount) -> Self {
        let domain::PeriodCount { at, count } = from;
        Self { at, count }
    }
}

impl From<domain::EnvironmentCount> for EnvironmentCount {
    fn from(from: domain::EnvironmentCount) -> Self {
        let domain::EnvironmentCount { environment, count, last_seen } = from;
        Self { environment, count, last_seen }
    }
}

impl From<domain::IssueStats> for IssueStats {
    fn from(from: domain::IssueStats) -> Self {
        let domain::IssueStats { hours, days, environments } = from;
        Self {
            hours: hours.into_iter().map(Into::into).collect(),
            days: days.into_iter().map(Into::into).collect(),
            environments: environments.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<domain::ProjectCount> for ProjectCount {
    fn from(from: domain::ProjectCount) -> Self {
        let domain::ProjectCount { project_id, issues, count } = from;
        Self { project_id, issues, count }
    }
}

impl From<domain::StatusCount> for StatusCount {
    fn from(from: domain::StatusCount) -> Self {
        let domain::StatusCount { status, issues, count } = from;
        Self { status, issues, count }
    }
}

impl From<domain::SourceCount> for SourceCount {
    fn from(from: domain::SourceCount) -> Self {
        let domain::SourceCount { source, issues, count } = from;
        Self { source, issues, count }
    }
}

impl From<domain::Stats> for Stats {
    fn from(from: domain::Stats) -> Self {
        let domain::Stats { issues, count, projects, statuses, sources, hours, days } = from;
        Self {
            issues,
            count,
            projects: projects.into_iter().map(Into::into).collect(),
            statuses: statuses.into_iter().map(Into::into).collect(),
            sources: sources.into_iter().map(Into::into).collect(),
            hours: hours.into_iter().map(Into::into).collect(),
            days: days.into_iter().map(Into::into).collect(),
        }
    }
}
