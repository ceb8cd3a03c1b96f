//! Keeping the store in order.

use super::StoreFuture;
use logcenter_core::Timestamp;

/// What a store needs from time to time, and its end.
pub trait Upkeep {
    /// Removes some of what is kept for a time only (event ids, ended sessions, issue events); whether more is left.
    fn purge_expired(&self, now: Timestamp) -> StoreFuture<'_, bool>;

    /// Whether it can write.
    fn ping(&self) -> StoreFuture<'_, ()>;

    /// Finishes what was begun and closes. Later calls give [`StoreError::Closed`](super::StoreError::Closed).
    fn close(&self) -> StoreFuture<'_, ()>;
}
