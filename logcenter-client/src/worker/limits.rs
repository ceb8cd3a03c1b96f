//! Limits the reports of one issue per period; further ones are counted and added to the next report.

use crate::report::Report;
use logcenter_core::{Fingerprint, report::MAX_COUNT};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Maximum number of issues tracked.
const ISSUES: usize = 4096;

#[derive(Debug)]
struct Issue {
    since: Instant,
    sent: u32,
    /// The latest report that was held back; its count includes all of them.
    held: Option<Box<Report>>,
}

#[derive(Debug)]
pub(crate) struct Limits {
    reports: u32,
    period: Duration,
    /// The share of reports that is sent in full.
    sample: f64,
    issues: HashMap<Fingerprint, Issue>,
}

impl Limits {
    pub(crate) fn new((reports, period): (u32, Duration), sample: f64) -> Self {
        Self { reports, period, sample, issues: HashMap::new() }
    }

    /// Returns the report if it may be sent now. It then also stands for those that were held back.
    pub(crate) fn pass(
        &mut self,
        fingerprint: Fingerprint,
        mut report: Report,
        now: Instant,
        random: u64,
    ) -> Option<Report> {
        if self.issues.len() >= ISSUES && !self.issues.contains_key(&fingerprint) {
            // A program with this many issues at once has bigger problems: forget those without held reports.
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
        let is_drawn = issue.sent == 0 || random as f64 / u64::MAX as f64 <= self.sample;
        if issue.sent < self.reports && is_drawn {
            issue.sent += 1;
            Some(report)
        } else {
            issue.held = Some(Box::new(report));
            None
        }
    }

    /// Takes the reports that were held back for a whole period, or all of them.
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

    /// When the next held report may be sent.
    pub(crate) fn next_release(&self) -> Option<Instant> {
        let held = self.issues.values().filter(|issue| issue.held.is_some());
        held.filter_map(|issue| issue.since.checked_add(self.period)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;

    fn report() -> Report {
        Report {
            level: logcenter_core::Level::Error,
            error_type: "Odd".into(),
            message: "no".into(),
            file_path: None,
            line_number: None,
            stack_trace: Vec::new(),
            context: serde_json::Map::new(),
            environment: "test".into(),
            count: 1,
            event_id: "1".into(),
            at: logcenter_core::Timestamp::from_millis(0),
        }
    }

    #[test]
    fn what_is_not_drawn_is_counted() {
        let now = crate::clock::now();
        let fingerprint = report().fingerprint(&"shop".parse().unwrap());
        let mut limits = Limits::new((60, Duration::from_secs(60)), 0.5);
        let mut pass = |random| limits.pass(fingerprint, report(), now, random).map(|report| report.count);
        assert_eq!(pass(u64::MAX), Some(1), "the first is always sent");
        assert_eq!((pass(u64::MAX), pass(u64::MAX)), (None, None));
        assert_eq!(pass(0), Some(3));
        let mut all = Limits::new((60, Duration::from_secs(60)), 1.0);
        assert!((0..60).all(|_| all.pass(fingerprint, report(), now, u64::MAX).is_some()));
        assert!(all.pass(fingerprint, report(), now, 0).is_none());
    }
}
