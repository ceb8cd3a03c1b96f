//! Maintenance and shutdown of a store.

use super::StoreFuture;
use logcenter_core::Timestamp;

/// Maintenance and shutdown.
pub trait Upkeep {
    /// Removes some expired data (event ids, ended sessions, issue events, what forges told); returns whether more is left.
    fn purge_expired(&self, now: Timestamp) -> StoreFuture<'_, bool>;

    /// Checks that the store can write.
    fn ping(&self) -> StoreFuture<'_, ()>;

    /// Finishes pending work and closes the store. Later calls return
    /// [`StoreError::Closed`](super::StoreError::Closed).
    fn close(&self) -> StoreFuture<'_, ()>;
}
