//! Whether the server can take reports.

use super::clock::Stopwatch;
use crate::store::{Store, StoreError};
use tokio::sync::Mutex;

/// How long a check holds: anybody may ask, and each check writes.
const HOLDS_SECONDS: f64 = 1.0;

/// The latest check, and when it was made.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<(Stopwatch, Result<(), StoreError>)>>);

impl Readiness {
    /// Checks that the store can write, unless that was done just now.
    pub(crate) async fn check(&self, store: &dyn Store) -> Result<(), StoreError> {
        let mut latest = self.0.lock().await;
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
