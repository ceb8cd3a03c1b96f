//! Limits the reports of one issue in a period; further ones are counted, and their number goes with the next.

use crate::report::Report;
use logcenter_core::{Fingerprint, report::MAX_COUNT};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Issues that are told apart.
const ISSUES: usize = 4096;

#[derive(Debug)]
struct Issue {
    since: Instant,
    sent: u32,
    /// The latest that was held back; its count is how many there were.
    held: Option<Box<Report>>,
}

#[derive(Debug)]
pub(crate) struct Limits {
    reports: u32,
    period: Duration,
    issues: HashMap<Fingerprint, Issue>,
}

impl Limits {
    pub(crate) fn new((reports, period): (u32, Duration)) -> Self {
        Self { reports, period, issues: HashMap::new() }
    }

    /// The report, if it may go now; it stands for those that were held back, too.
    pub(crate) fn pass(
        &mut self,
        fingerprint: Fingerprint,
        mut report: Report,
        now: Instant,
    ) -> Option<Report> {
        if self.issues.len() >= ISSUES && !self.issues.contains_key(&fingerprint) {
            // A program with so many issues at once has other worries: those without held reports are forgotten.
            self.issues.retain(|_, issue| issue.held.is_some());
            if self.issues.len() >= ISSUES {
                return Some(report);
            }
        }
        let issue = self.issues.entry(fingerprint).or_insert(Issue { since: now, sent: 0, held: None });
        if now.duration_since(issue.since) >= self.period {
            (issue.since, issue.sent) = (now, 0);
        }
        if let Some(held) = issue.held.take() {
            report.count = report.count.saturating_add(held.count).min(MAX_COUNT);
        }
        if issue.sent < self.reports {
            issue.sent += 1;
            Some(report)
        } else {
            issue.held = Some(Box::new(report));
            None
        }
    }

    /// Takes what was held back for a whole period, or everything.
    pub(crate) fn release(&mut self, now: Instant, everything: bool) -> Vec<Report> {
        let mut released = Vec::new();
        let period = self.period;
        self.issues.retain(|_, issue| {
            let over = now.duration_since(issue.since) >= period;
            if over || everything {
                released.extend(issue.held.take().map(|held| *held));
            }
            !over || issue.held.is_some()
        });
        released
    }

    /// When something that is held back may go.
    pub(crate) fn next_release(&self) -> Option<Instant> {
        let held = self.issues.values().filter(|issue| issue.held.is_some());
        held.filter_map(|issue| issue.since.checked_add(self.period)).min()
    }
}
