//! Counts undelivered reports by reason.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why a report was lost.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reason {
    /// More happened at once than the worker could process.
    QueueFull,
    /// The server was unreachable for too long, and there is no spool.
    Unreachable,
    /// The spool is full or cannot be written.
    SpoolFull,
    /// The server refused it.
    Refused,
    /// The program ended first.
    Shutdown,
    /// The report could not be built.
    Panicked,
}

/// Number of lost reports, by reason.
///
/// ```
/// # fn say(guard: &logcenter_client::Guard) {
/// let lost = guard.stats().lost;
/// if lost.total() > 0 {
///     eprintln!("{} reports did not fit the queue, {} found no server", lost.queue_full, lost.unreachable);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Lost {
    /// More happened at once than the worker could process.
    #[serde(skip_serializing_if = "is_zero")]
    pub queue_full: u64,
    /// The server was unreachable for too long, and there is no spool.
    #[serde(skip_serializing_if = "is_zero")]
    pub unreachable: u64,
    /// The spool is full or cannot be written.
    #[serde(skip_serializing_if = "is_zero")]
    pub spool_full: u64,
    /// The server refused them.
    #[serde(skip_serializing_if = "is_zero")]
    pub refused: u64,
    /// The program ended first.
    #[serde(skip_serializing_if = "is_zero")]
    pub shutdown: u64,
    /// The reports could not be built.
    #[serde(skip_serializing_if = "is_zero")]
    pub broken: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Lost {
    /// The sum over all reasons.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.queue_full + self.unreachable + self.spool_full + self.refused + self.shutdown + self.broken
    }
}

#[derive(Debug, Default)]
pub(crate) struct Losses([AtomicU64; 6]);

impl Losses {
    pub(crate) fn add(&self, reason: Reason, number: u64) {
        self.0[reason as usize].fetch_add(number, Ordering::Relaxed);
    }

    pub(crate) fn so_far(&self) -> Lost {
        let [queue_full, unreachable, spool_full, refused, shutdown, broken] =
            self.0.each_ref().map(|number| number.load(Ordering::Relaxed));
        Lost { queue_full, unreachable, spool_full, refused, shutdown, broken }
    }
}
