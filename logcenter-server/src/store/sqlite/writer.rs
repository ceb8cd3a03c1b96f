//! The writer thread.

use super::cache::WriterCache;
use super::open::OpenError;
use super::search;
use super::session::Session;
use crate::domain::Outcome;
use crate::runtime::clock::Stopwatch;
use crate::store::{BatchId, StoreError, StoreFuture};
use rusqlite::{Connection, TransactionBehavior};
use std::collections::VecDeque;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Idle time after which indexing starts.
const IDLE_AFTER: Duration = Duration::from_millis(20);

/// Bytes of text indexed at once while idle: reports wait only a few milliseconds for it.
const IDLE_BUDGET: i64 = 32 * 1024;

/// Bytes of text indexed under load, every [`LOADED_EVERY`] seconds; grows with the backlog.
const LOADED_BUDGET: std::ops::RangeInclusive<i64> = 8 * 1024..=64 * 1024;
const LOADED_BUDGET_PER_EVENT: i64 = 2;
const LOADED_EVERY: f64 = 0.1;

/// Pause after indexing failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Number of batch ids that are remembered. A batch is retried at once, within this process.
const REMEMBERED_BATCHES: usize = 8;

/// The state that the thread owns.
struct State {
    connection: Connection,
    cache: WriterCache,
    wanted_until: Arc<AtomicI64>,
    batches: VecDeque<(BatchId, Vec<Outcome>)>,
    // Prevents a second process from opening the file; dropped after the connection.
    _lock: File,
}

type Step = Box<dyn FnOnce(&mut State) + Send>;

enum Command {
    Step(Step),
    Close,
}

/// A handle to the thread. Steps run one after the other, each in its own transaction.
#[derive(Debug)]
pub(super) struct Writer {
    commands: mpsc::Sender<Command>,
    behind: Arc<AtomicBool>,
    closed: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        lock: File,
        kept_events: i64,
        wanted_until: Arc<AtomicI64>,
    ) -> Result<Self, OpenError> {
        let (cache, batches) = (WriterCache::new(kept_events), VecDeque::new());
        let mut state = State { connection, cache, wanted_until, batches, _lock: lock };
        let (commands, inbox) = mpsc::channel();
        let behind = Arc::new(AtomicBool::new(true));
        let is_behind = Arc::clone(&behind);
        let run = move || {
            work(&mut state, &inbox, &is_behind);
            // Folds the WAL into the file, so that a copy of the single file is complete. A failure loses nothing.
            let _ = run(&mut state, |session| session.flush());
            let _ = state.connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)");
        };
        let thread = std::thread::Builder::new().name("logcenter-writer".into()).spawn(run);
        let closed = tokio::sync::Mutex::new(Some(thread.map_err(OpenError::Thread)?));
        Ok(Self { commands, behind, closed })
    }

    /// Makes sure that readers of the file see everything that was acknowledged.
    pub(super) async fn flush(&self) -> Result<(), StoreError> {
        if !self.behind.load(Ordering::Acquire) {
            return Ok(());
        }
        self.run(|session| session.flush()).await
    }

    /// As [`run`](Self::run), for a step that reads or changes issue rows other than by recording.
    pub(super) fn write<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        self.run(|session| {
            session.flush()?;
            step(session)
        })
    }

    /// As [`run`](Self::run), unless the batch was recorded before: then returns the earlier outcomes.
    pub(super) fn record(
        &self,
        id: BatchId,
        step: impl FnOnce(&mut Session<'_>) -> Result<Vec<Outcome>, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, Vec<Outcome>> {
        self.send(move |state, behind| {
            if let Some((_, outcomes)) = state.batches.iter().find(|(batch, _)| *batch == id) {
                return Ok(outcomes.clone());
            }
            let outcomes = attempt(state, behind, step)?;
            if state.batches.len() == REMEMBERED_BATCHES {
                state.batches.pop_front();
            }
            state.batches.push_back((id, outcomes.clone()));
            Ok(outcomes)
        })
    }

    /// Runs `step` in a transaction, commits it on success, and returns once that is durable.
    pub(super) fn run<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        self.send(|state, behind| attempt(state, behind, step))
    }

    /// Writes without a session: if that fails, what others have counted is not lost for it.
    pub(super) fn ping(&self, bytes: i64) -> StoreFuture<'_, ()> {
        self.send(move |state, _| {
            Ok(state.connection.execute("UPDATE pings SET room = randomblob(?1)", [bytes]).map(drop)?)
        })
    }

    fn send<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut State, &AtomicBool) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let (reply, answer) = oneshot::channel();
        let behind = Arc::clone(&self.behind);
        let sent = self.commands.send(Command::Step(Box::new(move |state| {
            // The caller may be gone.
            let _ = reply.send(step(state, &behind));
        })));
        Box::pin(async move {
            sent.map_err(|_| StoreError::Closed)?;
            answer.await.unwrap_or(Err(StoreError::Closed))
        })
    }

    /// Stops the thread after all steps sent before.
    pub(super) fn close(&self) -> StoreFuture<'_, ()> {
        let _ = self.commands.send(Command::Close);
        Box::pin(async {
            if let Some(thread) = self.closed.lock().await.take() {
                let _ = tokio::task::spawn_blocking(move || thread.join()).await;
            }
            Ok(())
        })
    }
}

impl Drop for Writer {
    /// The file must be closed before it is opened again.
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Close);
        if let Some(thread) = self.closed.get_mut().take() {
            let _ = thread.join();
        }
    }
}

/// Runs steps as they arrive. Between them it indexes new texts: all of them while idle, and a share under load.
fn work(state: &mut State, inbox: &mpsc::Receiver<Command>, behind: &AtomicBool) {
    let mut pause = IDLE_AFTER;
    let mut since = Stopwatch::start();
    loop {
        let command = match state.cache.is_unsearchable() {
            true => inbox.recv_timeout(pause),
            false => inbox.recv().map_err(RecvTimeoutError::from),
        };
        let idle = match command {
            Ok(Command::Step(step)) => {
                step(state);
                false
            }
            Err(RecvTimeoutError::Timeout) => true,
            Ok(Command::Close) | Err(RecvTimeoutError::Disconnected) => return,
        };
        pause = if idle { Duration::ZERO } else { IDLE_AFTER };
        if idle || state.cache.is_unsearchable() && since.seconds() > LOADED_EVERY {
            let backlog = state.cache.unsearchable() * LOADED_BUDGET_PER_EVENT;
            let bytes =
                if idle { IDLE_BUDGET } else { backlog.clamp(*LOADED_BUDGET.start(), *LOADED_BUDGET.end()) };
            if attempt(state, behind, |session| search::index_more(session, bytes)).is_err() {
                // The next report will show that the disk is full.
                pause = AFTER_FAILURE;
            }
            since = Stopwatch::start();
        }
    }
}

/// Runs `step`; on any failure, nothing of it remains.
fn attempt<T>(
    state: &mut State,
    behind: &AtomicBool,
    step: impl FnOnce(&mut Session<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let result = catch_unwind(AssertUnwindSafe(|| run(state, step)))
        .unwrap_or_else(|_| Err(StoreError::Failed("a step panicked; it was rolled back".into())));
    if result.is_err() {
        state.cache = WriterCache::new(state.cache.kept_events);
        // Announcements held only in the cache are lost: readers start over, and learn that they missed some.
        state.wanted_until.store(0, Ordering::Relaxed);
    }
    behind.store(state.cache.is_behind(), Ordering::Release);
    result
}

fn run<T>(
    state: &mut State,
    step: impl FnOnce(&mut Session<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = state.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut session = Session { transaction, cache: &mut state.cache, wanted_until: &state.wanted_until };
    session.load()?;
    let result = step(&mut session)?;
    session.transaction.commit()?;
    Ok(result)
}
