//! What needs attention, across all projects.

use super::ids::IssueId;
use super::stats::DAY_MILLIS;
use logcenter_core::{ProjectId, Source, Status, Timestamp};
use std::collections::HashMap;

/// Maximum number of regressed issues in an overview.
pub const MAX_REGRESSED: u32 = 1000;

/// Start of the period in which an overview counts something as new: the last 24 hours.
#[must_use]
pub const fn new_since(now: Timestamp) -> Timestamp {
    now.minus_millis(DAY_MILLIS)
}

/// Number of issues of a project and source with a status.
#[derive(Debug, Clone)]
pub struct IssueCount {
    /// The project.
    pub project_id: ProjectId,
    /// Their status.
    pub status: Status,
    /// Where the errors come from.
    pub source: Source,
    /// Number of issues.
    pub issues: i64,
}

/// Number of events of a source in an hour that had any.
#[derive(Debug, Clone)]
pub struct SourceHour {
    /// Start of the hour.
    pub at: Timestamp,
    /// Where the errors come from.
    pub source: Source,
    /// Number of events.
    pub count: i64,
}

/// The state of all projects.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Number of issues by project, status and source.
    pub counts: Vec<IssueCount>,
    /// Events by hour and source since the requested time, oldest first.
    pub hours: Vec<SourceHour>,
    /// Events by project in the last 24 hours.
    pub projects: Vec<(ProjectId, i64)>,
    /// Number of issues first seen in the last 24 hours.
    pub new: i64,
    /// Issues that regressed in the last 24 hours, latest first, at most [`MAX_REGRESSED`].
    pub regressed: Vec<IssueId>,
}

/// The state of a project.
#[derive(Debug, Clone, Copy, Default)]
pub struct Health {
    /// Its open issues: those that still need work.
    pub open: i64,
    /// Its events in the last 24 hours.
    pub day: i64,
}

impl Overview {
    /// The state of each project that has issues.
    #[must_use]
    pub fn health(&self) -> HashMap<&ProjectId, Health> {
        let mut health: HashMap<&ProjectId, Health> = HashMap::new();
        for count in self.counts.iter().filter(|count| count.status.is_open()) {
            health.entry(&count.project_id).or_default().open += count.issues;
        }
        for (project_id, count) in &self.projects {
            health.entry(project_id).or_default().day = *count;
        }
        health
    }
}
