//! The one thread that writes.

use super::memory::Memory;
use super::open::OpenError;
use super::search;
use crate::clock::Stopwatch;
use crate::store::{Answer, StoreError};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// When so long nothing was asked for, the writer has time.
const REST: Duration = Duration::from_millis(20);

/// Bytes of text that are indexed at once then: some milliseconds, for which a report may have to wait.
const IDLE_SHARE: i64 = 32 * 1024;

/// Bytes that are indexed all the same after so many seconds without a rest: at first a fiftieth of the time, and more the more
/// events wait for it.
const SHARE: i64 = 8 * 1024;
const MOST_SHARE: i64 = 64 * 1024;
const SHARE_PER_EVENT: i64 = 8;
const SHARE_EVERY: f64 = 0.05;

/// After adding texts failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What a step that writes works with.
pub(super) struct Session<'a> {
    pub(super) transaction: Transaction<'a>,
    pub(super) memory: &'a mut Memory,
}

/// What the thread owns.
struct State {
    connection: Connection,
    memory: Memory,
    // Held so that no second process opens the file; dropped after the connection.
    _lock: File,
}

type Step = Box<dyn FnOnce(&mut State) + Send>;

enum Command {
    Step(Step),
    Close,
}

/// A handle to the thread: steps are run one after the other, each in a transaction of its own.
#[derive(Debug)]
pub(super) struct Writer {
    commands: mpsc::Sender<Command>,
    behind: Arc<AtomicBool>,
    closed: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, lock: File, kept_events: i64) -> Result<Self, OpenError> {
        let mut state = State { connection, memory: Memory::new(kept_events), _lock: lock };
        let (commands, inbox) = mpsc::channel();
        let behind = Arc::new(AtomicBool::new(true));
        let is_behind = Arc::clone(&behind);
        let run = move || {
            work(&mut state, &inbox, &is_behind);
            // Folds the log into the file, so that a copy of the one file is whole. A failure loses nothing.
            let _ = run(&mut state, |session| Ok(session.memory.settle(&session.transaction)?));
            let _ = state.connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)");
        };
        let thread = std::thread::Builder::new().name("logcenter-writer".into()).spawn(run);
        let closed = tokio::sync::Mutex::new(Some(thread.map_err(OpenError::Thread)?));
        Ok(Self { commands, behind, closed })
    }

    /// Sees to it that whoever reads the file next finds all counted that was answered.
    pub(super) async fn settle(&self) -> Result<(), StoreError> {
        if !self.behind.load(Ordering::Acquire) {
            return Ok(());
        }
        self.run(|session| Ok(session.memory.settle(&session.transaction)?)).await
    }

    /// As [`run`](Self::run), for a step that reads or changes issues and projects other than by recording.
    pub(super) fn write<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        self.run(|session| {
            session.memory.forget(&session.transaction)?;
            step(session)
        })
    }

    /// Runs `step` in a transaction that is committed when it succeeds, and answers once that is durable.
    pub(super) fn run<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        let (reply, answer) = oneshot::channel();
        let behind = Arc::clone(&self.behind);
        let sent = self.commands.send(Command::Step(Box::new(move |state| {
            // Who asked may be gone.
            let _ = reply.send(attempt(state, &behind, step));
        })));
        Box::pin(async move {
            sent.map_err(|_| StoreError::Closed)?;
            answer.await.unwrap_or(Err(StoreError::Closed))
        })
    }

    /// Ends the thread after the steps that were asked for before.
    pub(super) fn close(&self) -> Answer<'_, ()> {
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
    /// Whoever opens the file next must find it closed.
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Close);
        if let Some(thread) = self.closed.get_mut().take() {
            let _ = thread.join();
        }
    }
}

/// Runs steps as they come. Between them it makes new texts be found: all of them while there is nothing else to do, and a
/// share while there is.
fn work(state: &mut State, inbox: &mpsc::Receiver<Command>, behind: &AtomicBool) {
    let mut pause = REST;
    let mut since = Stopwatch::start();
    loop {
        let command = match state.memory.is_unsearchable() {
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
        pause = if idle { Duration::ZERO } else { REST };
        if idle || state.memory.is_unsearchable() && since.seconds() > SHARE_EVERY {
            let waiting = (state.memory.unsearchable() * SHARE_PER_EVENT).clamp(SHARE, MOST_SHARE);
            let bytes = if idle { IDLE_SHARE } else { waiting };
            let step =
                |session: &mut Session<'_>| Ok(search::advance(&session.transaction, session.memory, bytes)?);
            if attempt(state, behind, step).is_err() {
                // The next report will say that the disk is full.
                pause = AFTER_FAILURE;
            }
            since = Stopwatch::start();
        }
    }
}

/// Runs `step`; whatever goes wrong in it, nothing of it is left.
fn attempt<T>(
    state: &mut State,
    behind: &AtomicBool,
    step: impl FnOnce(&mut Session<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let result = catch_unwind(AssertUnwindSafe(|| run(state, step)))
        .unwrap_or_else(|_| Err(StoreError::Failed("a step panicked; it was rolled back".into())));
    if result.is_err() {
        state.memory = Memory::new(state.memory.kept_events);
    }
    behind.store(state.memory.is_behind(), Ordering::Release);
    result
}

fn run<T>(
    state: &mut State,
    step: impl FnOnce(&mut Session<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = state.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut session = Session { transaction, memory: &mut state.memory };
    session.memory.load(&session.transaction)?;
    let result = step(&mut session)?;
    session.transaction.commit()?;
    Ok(result)
}
