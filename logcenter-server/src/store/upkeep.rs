//! Maintenance and shutdown of a store.

use super::StoreFuture;
use crate::domain::retention::{Retention, RetentionStep};
use logcenter_core::Timestamp;

/// Maintenance and shutdown.
pub trait Upkeep {
    /// Removes some expired data (event ids, ended sessions, issue events, what forges told); returns whether more is left.
    fn purge_expired(&self, now: Timestamp) -> StoreFuture<'_, bool>;

    /// Removes, in a small step, what a retention no longer keeps; returns where to go on, `None` at the end of a pass.
    ///
    /// Counts by the hour become counts by the day. A closed issue keeps what names it, its status, its history and its
    /// count, and is reopened as ever.
    fn retain(
        &self,
        retention: Retention,
        step: RetentionStep,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<RetentionStep>>;

    /// Takes a job (`purge`, `retention`) until a time, unless another replica has it; whoever has it may take it again.
    fn take_job(&self, job: &'static str, until: Timestamp, now: Timestamp) -> StoreFuture<'_, bool>;

    /// Checks that the store can write, by writing.
    fn ping(&self) -> StoreFuture<'_, ()>;

    /// Finishes pending work and closes the store. Later calls return
    /// [`StoreError::Closed`](super::StoreError::Closed).
    fn close(&self) -> StoreFuture<'_, ()>;
}
