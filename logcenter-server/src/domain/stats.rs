//! Counts, as they are read.

use crate::schema;
use logcenter_core::{ProjectId, Source, Status, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// How many errors in an hour or a day that saw any.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PeriodCount {
    /// When the hour or the day (UTC) begins.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How many errors.
    pub count: i64,
}

/// How many errors of an issue in one environment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnvironmentCount {
    /// The environment.
    pub environment: String,
    /// How many errors.
    pub count: i64,
    /// When last.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// How the errors of an issue spread over time and environments.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IssueStats {
    /// By hour, oldest first; hours without errors are left out.
    pub hours: Vec<PeriodCount>,
    /// By day (UTC), oldest first, likewise.
    pub days: Vec<PeriodCount>,
    /// By environment, the largest count first, 200 at most.
    pub environments: Vec<EnvironmentCount>,
}

/// A project's issues.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectCount {
    /// The project.
    #[schema(value_type = String)]
    pub project_id: ProjectId,
    /// How many issues.
    pub issues: i64,
    /// How many errors they counted.
    pub count: i64,
}

/// The issues that stand somewhere.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatusCount {
    /// Where they stand.
    #[schema(value_type = schema::Status)]
    pub status: Status,
    /// How many issues.
    pub issues: i64,
    /// How many errors they counted.
    pub count: i64,
}

/// The issues of a source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceCount {
    /// The source.
    #[schema(value_type = schema::Source)]
    pub source: Source,
    /// How many issues.
    pub issues: i64,
    /// How many errors they counted.
    pub count: i64,
}

/// Totals over everything.
#[derive(Debug, Clone, Serialize, ToSchema)]
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
