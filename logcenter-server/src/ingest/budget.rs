//! The memory that reports may take, from the first byte of a body until they are recorded.
//!
//! Room is taken as bytes arrive, never for what a client only announces, so that silent connections take none. It is given
//! back when the last of what was made of the body is gone, whether the client is still there or not.

use super::refusal::Refusal;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that single reports may take. They have a room of their own, so that large batches do not keep them out.
const SINGLE_BYTES: usize = 16 * 1024 * 1024;

/// Bytes that batches may take.
const BATCH_BYTES: usize = 48 * 1024 * 1024;

/// Which room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pool {
    Single,
    Batch,
}

/// The memory for reports.
#[derive(Debug)]
pub(super) struct Budget {
    single: Arc<Semaphore>,
    batch: Arc<Semaphore>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { single: Arc::new(Semaphore::new(SINGLE_BYTES)), batch: Arc::new(Semaphore::new(BATCH_BYTES)) }
    }
}

impl Budget {
    pub(super) fn reservation(&self, pool: Pool) -> Reservation {
        let pool = match pool {
            Pool::Single => &self.single,
            Pool::Batch => &self.batch,
        };
        Reservation { pool: Arc::clone(pool), taken: None }
    }
}

/// Memory that was taken; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    pool: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl Reservation {
    /// Takes room for more bytes.
    ///
    /// # Errors
    /// [`Refusal::Overload`]: there is none.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        let bytes = u32::try_from(bytes).map_err(|_| Refusal::Overload)?;
        let more = Arc::clone(&self.pool).try_acquire_many_owned(bytes).map_err(|_| Refusal::Overload)?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        Ok(())
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
