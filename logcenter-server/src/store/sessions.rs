//! Browser sessions that were ended before they expired.

use super::StoreFuture;
use crate::domain::SecretHash;
use logcenter_core::Timestamp;

/// Ended sessions. Valid sessions exist only as signed cookies in the browser.
pub trait Sessions {
    /// Remembers that a session was ended, until it would have expired anyway.
    fn end_session(&self, session: SecretHash, expires: Timestamp) -> StoreFuture<'_, ()>;

    /// All ended sessions that would not have expired at `now`, each with its expiry.
    fn ended_sessions(&self, now: Timestamp) -> StoreFuture<'_, Vec<(SecretHash, Timestamp)>>;
}
