//! A store on PostgreSQL, which several replicas share.
//!
//! Transactions are READ COMMITTED, and correct by what they lock: the row of an issue guards everything that belongs to it,
//! `next_issue` the fingerprints, and `feed` the order of what is announced. Rows are locked in that order (the job
//! `recording`, `next_issue`, issues by id, `feed`), so that deadlocks are rare; one that occurs, like any other conflict,
//! repeats the transaction.

mod aging;
mod attempts;
mod connect;
mod connect_error;
mod counts;
mod delete;
mod deployments;
mod detail;
mod events;
mod failed_checks;
mod fault;
mod generation;
mod history;
mod issue_row;
mod issues;
mod keys;
mod known;
mod known_batches;
mod listing;
mod migrate;
mod outbox;
mod projects;
mod releases;
mod repair_queue;
mod repair_row;
mod repairs;
mod reports;
mod rows;
mod session;
mod sessions;
mod statistics;
mod tokens;
mod transact;
mod transition;
mod turns;
mod upkeep;

#[cfg(feature = "sqlite")]
pub(super) use connect::alone;
pub use connect_error::ConnectError;
#[cfg(feature = "sqlite")]
pub(super) use fault::described;
#[cfg(feature = "sqlite")]
pub(super) use migrate::UNFINISHED;

use crate::domain::IssueId;
use crate::store::BatchId;
use deadpool_postgres::Pool;
use logcenter_core::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;
use turns::Turns;

/// A PostgreSQL database, version 13 or later.
#[derive(Debug)]
pub struct Postgres {
    shared: Arc<Shared>,
}

/// What the methods and the background work of a store share.
#[derive(Debug)]
struct Shared {
    /// Of those who only read, so that they never keep others from writing.
    readers: Pool,
    writers: Pool,
    /// Of whoever records a batch, so that nobody else keeps reports waiting.
    recorders: Pool,
    kept_events: i64,
    /// A number that no other replica has.
    replica: i64,
    /// The shard of `project_hours` that this replica adds to.
    shard: i64,
    /// Whoever records a batch.
    recording: Semaphore,
    turns: Mutex<Turns>,
    /// Batches of which it is not known whether they were recorded.
    in_doubt: Mutex<HashSet<BatchId>>,
    /// Issues that were counted and are not announced yet, and when.
    counted: Mutex<HashMap<IssueId, Timestamp>>,
    /// Whether they will be, in a while.
    announcing: AtomicBool,
}

impl Shared {
    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_doubt(&self) -> MutexGuard<'_, HashSet<BatchId>> {
        self.in_doubt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that issues were counted: announced soon, once however often they are counted until then.
    fn note_counted(&self, issues: Vec<(IssueId, Timestamp)>) {
        if !issues.is_empty() {
            self.counted.lock().unwrap_or_else(PoisonError::into_inner).extend(issues);
        }
    }
}

/// Settings of a [`Postgres`] store.
#[derive(Debug, Clone, Copy)]
pub struct PostgresOptions {
    /// How many of an issue's newest events are kept, at least 1; the first one is kept in addition.
    pub kept_events: u32,
    /// The largest number of connections that only read; there are up to four more.
    pub readers: usize,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { kept_events: 50, readers: 8 }
    }
}
