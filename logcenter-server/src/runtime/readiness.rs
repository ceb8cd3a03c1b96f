//! Whether the server can take reports.

use super::clock::Stopwatch;
use crate::store::{Store, StoreError};
use std::sync::{Mutex, PoisonError};

/// How long a check holds: anybody may ask, and each check writes.
const HOLDS_SECONDS: f64 = 1.0;

/// How long a server that could not record reports is not ready. Then more of them may show whether it can again.
const FAILED_SECONDS: f64 = 5.0;

#[derive(Default)]
pub(crate) struct Readiness {
    /// The latest check, and when it was made.
    latest: tokio::sync::Mutex<Option<(Stopwatch, Result<(), StoreError>)>>,
    /// Why reports could last not be recorded, and when.
    failed: Mutex<Option<(Stopwatch, StoreError)>>,
}

impl Readiness {
    /// Tells that reports could not be recorded. What a check writes may fit where they do not.
    pub(crate) fn failed(&self, error: StoreError) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some((Stopwatch::start(), error));
    }

    /// Checks that the store can write, unless that was done just now.
    pub(crate) async fn check(&self, store: &dyn Store) -> Result<(), StoreError> {
        if let Some((when, error)) = &*self.failed.lock().unwrap_or_else(PoisonError::into_inner)
            && when.seconds() < FAILED_SECONDS
        {
            return Err(error.clone());
        }
        let mut latest = self.latest.lock().await;
        if let Some((made, result)) = &*latest
            && made.seconds() < HOLDS_SECONDS
        {
            return result.clone();
        }
        let result = store.ping().await;
        *latest = Some((Stopwatch::start(), result.clone()));
        result
    }
}
