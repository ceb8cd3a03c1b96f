//! The connections that read.

use crate::store::{StoreError, StoreFuture};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// A few connections; a read waits for one that is free, and runs on a thread that may block.
#[derive(Debug)]
pub(super) struct Readers {
    free: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    kept_events: i64,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>, kept_events: i64) -> Self {
        let permits = Arc::new(Semaphore::new(connections.len()));
        Self { free: Arc::new(Mutex::new(connections)), permits, kept_events }
    }

    /// Runs `query` in one read transaction, so that what it reads belongs together. It is also told how many events
    /// of an issue are kept.
    pub(super) fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, i64) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move {
            let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreError::Closed)?;
            let (free, kept_events) = (Arc::clone(&self.free), self.kept_events);
            let blocking = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let lent = Lent { connection: pop(&free), free };
                let Some(connection) = &lent.connection else { return Err(StoreError::Closed) };
                let snapshot = connection.unchecked_transaction()?;
                query(&snapshot, kept_events)
            });
            blocking.await.unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))
        })
    }

    pub(super) fn close(&self) {
        self.permits.close();
        self.free.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn pop(free: &Mutex<Vec<Connection>>) -> Option<Connection> {
    free.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

/// A connection that goes back when it is dropped, a panic included.
struct Lent {
    connection: Option<Connection>,
    free: Arc<Mutex<Vec<Connection>>>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}
