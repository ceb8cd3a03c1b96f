//! The memory that reports may take, from the first byte of a body until they are recorded.
//!
//! Room is taken as bytes arrive, never for what a client only announces, so that silent connections take none. It is given
//! back when the last of what was made of the body is gone, whether the client is still there or not.

use super::refusal::Refusal;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// Bytes that single reports may take. They have a room of their own, so that large batches do not keep them out.
const SINGLE_BYTES: usize = 16 * 1024 * 1024;

/// Bytes that batches may take.
const BATCH_BYTES: usize = 48 * 1024 * 1024;

/// Compressed bodies that are decoded at once: each takes a thread, and up to 16 MiB for its window.
const DECODERS: usize = 2;

/// Which room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pool {
    Single,
    Batch,
}

/// The memory for reports: the bytes that are left in each room.
#[derive(Debug)]
pub(super) struct Budget {
    single: Arc<AtomicUsize>,
    batch: Arc<AtomicUsize>,
    pub(super) decoders: Semaphore,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            single: Arc::new(SINGLE_BYTES.into()),
            batch: Arc::new(BATCH_BYTES.into()),
            decoders: Semaphore::new(DECODERS),
        }
    }
}

impl Budget {
    pub(super) fn reservation(&self, pool: Pool) -> Reservation {
        let left = match pool {
            Pool::Single => &self.single,
            Pool::Batch => &self.batch,
        };
        Reservation { left: Arc::clone(left), taken: 0 }
    }
}

/// Memory that was taken; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    left: Arc<AtomicUsize>,
    taken: usize,
}

impl Reservation {
    /// Takes room for more bytes.
    ///
    /// # Errors
    /// [`Refusal::Overload`]: there is none.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        let take = |left: usize| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).map_err(|_| Refusal::Overload)?;
        self.taken += bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.left.fetch_add(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_as_bytes_arrive_and_given_back_at_the_end() {
        let budget = Budget::default();
        let silent: Vec<Reservation> = (0..10_000).map(|_| budget.reservation(Pool::Batch)).collect();
        let mut large = budget.reservation(Pool::Batch);
        large.grow(BATCH_BYTES - 1).unwrap();
        assert!(large.grow(2).is_err());
        large.grow(1).unwrap();
        assert!(budget.reservation(Pool::Batch).grow(1).is_err());
        budget.reservation(Pool::Single).grow(SINGLE_BYTES).unwrap();
        drop(large);
        budget.reservation(Pool::Batch).grow(BATCH_BYTES).unwrap();
        drop(silent);
    }
}
