//! Recording reports.

use super::StoreFuture;
use crate::domain::{Outcome, ReceivedReport};
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Identifies a batch, so that one that is recorded again after an unknown outcome is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BatchId(pub u128);

/// Reports that are recorded together. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    reports: Arc<Vec<ReceivedReport>>,
    range: Range<usize>,
}

impl Batch {
    /// Splits the batch in two, keeping the order; `None` if it is a single report.
    #[must_use]
    pub fn halves(&self) -> Option<[Self; 2]> {
        if self.len() < 2 {
            return None;
        }
        let middle = self.range.start + self.len() / 2;
        let part = |range| Self { reports: Arc::clone(&self.reports), range };
        Some([part(self.range.start..middle), part(middle..self.range.end)])
    }

    /// Its reports: without copying them, if no other batch has them too.
    pub(crate) fn into_reports(self) -> Vec<ReceivedReport> {
        let (start, end) = (self.range.start, self.range.end);
        let mut reports = Arc::unwrap_or_clone(self.reports);
        reports.truncate(end);
        reports.drain(..start);
        reports
    }

    /// The batch and nothing more, however often it is asked for.
    #[must_use]
    pub fn only(self) -> NextBatch {
        Box::new(move || self.clone())
    }
}

impl From<Vec<ReceivedReport>> for Batch {
    fn from(reports: Vec<ReceivedReport>) -> Self {
        let range = 0..reports.len();
        Self { reports: Arc::new(reports), range }
    }
}

impl Deref for Batch {
    type Target = [ReceivedReport];

    fn deref(&self) -> &[ReceivedReport] {
        &self.reports[self.range.clone()]
    }
}

/// Returns the batch to record: when it is called again, the same one, with what has arrived since.
pub type NextBatch = Box<dyn FnMut() -> Batch + Send>;

/// Recording reports.
pub trait Reports {
    /// Records a batch and returns the outcome of each report, in order. The changes are decided by
    /// [`plan`](crate::domain::recording::plan).
    ///
    /// `next` is called when the store is ready to write, so that the batch is as large as possible, and again before each
    /// further attempt; the outcomes are those of the batch that it returned last. If one of the
    /// latest batches has the same id, nothing is recorded again, and the earlier outcomes are returned.
    fn record(&self, id: BatchId, next: NextBatch) -> StoreFuture<'_, Vec<Outcome>>;
}
