//! What is worth a look, over everything.

use super::ids::IssueId;
use super::stats::DAY_MILLIS;
use logcenter_core::{ProjectId, Source, Status, Timestamp};
use std::collections::HashMap;

/// The most issues that an overview names as come back.
pub const MAX_REGRESSED: u32 = 1000;

/// From when on an overview counts what is new: the newest 24 hours.
#[must_use]
pub const fn new_since(now: Timestamp) -> Timestamp {
    now.minus_millis(DAY_MILLIS)
}

/// How many issues of a project and a source have a status.
#[derive(Debug, Clone)]
pub struct IssueCount {
    /// The project.
    pub project_id: ProjectId,
    /// Where they stand.
    pub status: Status,
    /// Where they arise.
    pub source: Source,
    /// How many issues.
    pub issues: i64,
}

/// How many errors of a source in an hour that saw any.
#[derive(Debug, Clone)]
pub struct SourceHour {
    /// When the hour begins.
    pub at: Timestamp,
    /// Where they arose.
    pub source: Source,
    /// How many errors.
    pub count: i64,
}

/// How it stands.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Issues by project, status and source.
    pub counts: Vec<IssueCount>,
    /// Errors by hour and source, since the beginning of the time that was asked for, oldest first.
    pub hours: Vec<SourceHour>,
    /// Errors by project in the newest 24 hours.
    pub projects: Vec<(ProjectId, i64)>,
    /// Issues that were first seen in the newest 24 hours.
    pub new: i64,
    /// Issues that came back in the newest 24 hours, the latest first, [`MAX_REGRESSED`] at most.
    pub regressed: Vec<IssueId>,
}

/// How a project is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Health {
    /// Its issues that somebody still has to do something about.
    pub open: i64,
    /// Its errors in the newest 24 hours.
    pub day: i64,
}

impl Overview {
    /// How the projects are that have issues.
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
