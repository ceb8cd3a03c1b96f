//! Reports go in.

use super::StoreFuture;
use crate::domain::{Outcome, ReceivedReport};
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Names a batch, so that one that is recorded again after an unknown outcome is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BatchId(pub u128);

/// Reports that are recorded together. A copy of it is cheap.
#[derive(Debug, Clone)]
pub struct Batch {
    reports: Arc<Vec<ReceivedReport>>,
    range: Range<usize>,
}

impl Batch {
    /// The batch in two parts, in its order; `None` if it is a single report.
    #[must_use]
    pub fn halves(&self) -> Option<[Self; 2]> {
        if self.len() < 2 {
            return None;
        }
        let middle = self.range.start + self.len() / 2;
        let part = |range| Self { reports: Arc::clone(&self.reports), range };
        Some([part(self.range.start..middle), part(middle..self.range.end)])
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

/// Gives the batch that is recorded.
pub type NextBatch = Box<dyn FnOnce() -> Batch + Send>;

/// Recording.
pub trait Reports {
    /// Records a batch and says what became of each report, in order. What it does is decided by
    /// [`plan`](crate::domain::recording::plan).
    ///
    /// `next` is asked for the reports when the store is ready to write them, so that a batch is as large as it can be. A
    /// batch with the id of one of the latest batches is not recorded again: it gets the outcomes that one had.
    fn record(&self, id: BatchId, next: NextBatch) -> StoreFuture<'_, Vec<Outcome>>;
}
