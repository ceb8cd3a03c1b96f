//! The stream of issue events.

use super::StoreFuture;
use crate::domain::{FeedPosition, IssueEvents};
use logcenter_core::Timestamp;

/// Issue events, each written in the transaction of what it tells.
///
/// They are kept while somebody wants them, so that recording costs no more where nobody does.
pub trait Outbox {
    /// Keeps issue events from now on, at least until `until`.
    fn keep_issue_events(&self, until: Timestamp, now: Timestamp) -> StoreFuture<'_, ()>;

    /// What happened after a position, the oldest first; without one nothing yet, but the position of now.
    ///
    /// An event that reports were counted is a hint: several of them may be told as one, and one may be lost with the
    /// process.
    fn issue_events(&self, after: Option<FeedPosition>, limit: u32) -> StoreFuture<'_, IssueEvents>;
}
