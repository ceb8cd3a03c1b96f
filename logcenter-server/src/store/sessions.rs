//! Sessions of browsers that were ended before their time.

use super::StoreFuture;
use crate::domain::SecretHash;
use logcenter_core::Timestamp;

/// Ended sessions. A session that holds is kept by the browser alone, signed.
pub trait Sessions {
    /// Keeps that a session was ended, until it would have expired by itself.
    fn end_session(&self, session: SecretHash, expires: Timestamp) -> StoreFuture<'_, ()>;

    /// Every session that was ended and would not have expired at `now`, with when it would.
    fn ended_sessions(&self, now: Timestamp) -> StoreFuture<'_, Vec<(SecretHash, Timestamp)>>;
}
