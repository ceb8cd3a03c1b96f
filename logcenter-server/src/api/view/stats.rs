//! Counts in JSON.

use super::words;
use crate::domain;
use logcenter_core::{ProjectId, Source, Status, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// How many errors in an hour or a day that saw any.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeriodCount {
    /// When the hour or the day (UTC) begins.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How many errors.
    count: i64,
}

/// How many errors of an issue in one environment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnvironmentCount {
    /// The environment.
    environment: String,
    /// How many errors.
    count: i64,
    /// When last.
    #[schema(value_type = String, format = DateTime)]
    last_seen: Timestamp,
}

/// How the errors of an issue spread over time and environments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssueStats {
    /// By hour, oldest first; hours without errors are left out.
    hours: Vec<PeriodCount>,
    /// By day (UTC), oldest first, likewise.
    days: Vec<PeriodCount>,
    /// By environment, the largest count first, 200 at most.
    environments: Vec<EnvironmentCount>,
}

/// A project's issues.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectCount {
    /// The project.
    #[schema(value_type = String)]
    project_id: ProjectId,
    /// How many issues.
    issues: i64,
    /// How many errors they counted.
    count: i64,
}

/// The issues with one status.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusCount {
    /// Their status.
    #[schema(value_type = words::Status)]
    status: Status,
    /// How many issues.
    issues: i64,
    /// How many errors they counted.
    count: i64,
}

/// The issues of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceCount {
    /// The source.
    #[schema(value_type = words::Source)]
    source: Source,
    /// How many issues.
    issues: i64,
    /// How many errors they counted.
    count: i64,
}

/// Totals over everything.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stats {
    /// How many issues.
    issues: i64,
    /// How many errors they counted.
    count: i64,
    /// By project.
    projects: Vec<ProjectCount>,
    /// By status.
    statuses: Vec<StatusCount>,
    /// By source.
    sources: Vec<SourceCount>,
    /// Errors by hour, the newest 7 days, oldest first; hours without errors are left out.
    hours: Vec<PeriodCount>,
    /// Errors by day (UTC), the newest 90 days, likewise.
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
