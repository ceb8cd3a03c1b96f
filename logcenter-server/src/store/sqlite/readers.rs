//! The read connections.

use crate::store::{StoreError, StoreFuture};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// A small pool of connections; a read waits for a free one and runs on a blocking thread.
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

    /// Runs `query` in one read transaction, so that it sees a consistent snapshot. It is also given the number of
    /// events kept per issue.
    pub(super) fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, i64) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move {
            let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreError::Closed)?;
            let (free, kept_events) = (Arc::clone(&self.free), self.kept_events);
            let blocking = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let pooled = PooledConnection { connection: pop(&free), free };
                let Some(connection) = &pooled.connection else { return Err(StoreError::Closed) };
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

/// A connection that is returned to the pool when dropped, even on a panic.
struct PooledConnection {
    connection: Option<Connection>,
    free: Arc<Mutex<Vec<Connection>>>,
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}
