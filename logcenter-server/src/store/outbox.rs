//! The stream of issue events.

use super::StoreFuture;
use crate::domain::{FeedPosition, IssueEvents};
use logcenter_core::Timestamp;

/// Issue events, each written in the transaction of the change it announces.
///
/// They are kept only while somebody asks for them, so that recording costs nothing extra otherwise.
pub trait Outbox {
    /// Keeps issue events from now on, at least until `until`.
    fn keep_issue_events(&self, until: Timestamp, now: Timestamp) -> StoreFuture<'_, ()>;

    /// The events after a position, oldest first. Without a position: no events, but the current position.
    ///
    /// An event for counted reports is only a hint: several may be merged into one, and one may be lost when the
    /// process dies.
    fn issue_events(&self, after: Option<FeedPosition>, limit: u32) -> StoreFuture<'_, IssueEvents>;
}
