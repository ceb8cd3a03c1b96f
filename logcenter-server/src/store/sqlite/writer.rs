//! The one thread that writes.

use super::memory::Memory;
use super::open::OpenError;
use crate::store::{Answer, StoreError};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

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
        let run = move || {
            while let Ok(Command::Step(step)) = inbox.recv() {
                step(&mut state);
            }
            // Folds the log into the file, so that a copy of the one file is whole. A failure loses nothing.
            let _ = run(&mut state, |session| Ok(session.memory.settle(&session.transaction)?));
            let _ = state.connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)");
        };
        let thread = std::thread::Builder::new().name("logcenter-writer".into()).spawn(run);
        let closed = tokio::sync::Mutex::new(Some(thread.map_err(OpenError::Thread)?));
        Ok(Self { commands, behind: Arc::new(AtomicBool::new(true)), closed })
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
            let result = catch_unwind(AssertUnwindSafe(|| run(state, step)))
                .unwrap_or_else(|_| Err(StoreError::Failed("a step panicked; it was rolled back".into())));
            if result.is_err() {
                state.memory = Memory::new(state.memory.kept_events);
            }
            behind.store(state.memory.is_behind(), Ordering::Release);
            // Who asked may be gone.
            let _ = reply.send(result);
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
