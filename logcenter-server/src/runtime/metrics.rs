//! Prometheus metrics, in a registry of our own: a host's metrics are untouched.

use crate::domain::Outcome;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Counters and histograms of one Log Center.
pub(crate) struct Metrics {
    registry: Registry,
    new: Counter,
    duplicate: Counter,
    regression: Counter,
    failed: Counter,
    refused: Family<[(&'static str, String); 1], Counter>,
    batch_reports: Histogram,
    record_seconds: Histogram,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("logcenter");
        let recorded: Family<[(&'static str, &'static str); 1], Counter> = Family::default();
        let refused = Family::default();
        let batch_reports = Histogram::new(exponential_buckets(1.0, 2.0, 11));
        let record_seconds = Histogram::new(exponential_buckets(0.000_1, 2.0, 15));
        let failed = Counter::default();
        let outcome = |word| recorded.get_or_create(&[("outcome", word)]).clone();
        let (new, duplicate, regression) =
            (outcome("reported"), outcome("deduplicated"), outcome("regressed"));
        registry.register("reports", "Reports recorded, by what became of them", recorded);
        registry.register(
            "reports_refused",
            "Requests to report that were refused, by status",
            refused.clone(),
        );
        registry.register("reports_failed", "Reports that the store failed to record", failed.clone());
        registry.register("batch_reports", "Reports in one transaction", batch_reports.clone());
        registry.register_with_unit(
            "record",
            "Time to record one batch durably",
            Unit::Seconds,
            record_seconds.clone(),
        );
        Self { registry, new, duplicate, regression, failed, refused, batch_reports, record_seconds }
    }

    /// Records the size and duration of a batch.
    pub(crate) fn batch(&self, size: usize, seconds: f64) {
        self.batch_reports.observe(size as f64);
        self.record_seconds.observe(seconds);
    }

    /// Counts reports that could not be recorded.
    pub(crate) fn failed(&self, reports: usize) {
        self.failed.inc_by(reports as u64);
    }

    /// Counts recorded reports by outcome.
    pub(crate) fn recorded(&self, outcomes: &[Outcome]) {
        let (mut new, mut duplicate, mut regression) = (0, 0, 0);
        for outcome in outcomes {
            match outcome {
                Outcome::Created { .. } => new += 1,
                Outcome::Deduplicated { .. } => duplicate += 1,
                Outcome::Regressed { .. } => regression += 1,
            }
        }
        self.new.inc_by(new);
        self.duplicate.inc_by(duplicate);
        self.regression.inc_by(regression);
    }

    /// Counts a refused report request.
    pub(crate) fn refused(&self, status: u16) {
        self.refused.get_or_create(&[("status", status.to_string())]).inc();
    }

    /// All metrics in Prometheus text format.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
