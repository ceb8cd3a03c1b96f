//! What a store may answer instead of a value.

/// The store could not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It was closed. Nothing was changed.
    #[error("the store is closed")]
    Closed,
    /// It cannot do it now: disk full, file locked, connection lost before the commit. Nothing was changed, and the same
    /// call may succeed later.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost while the change was committed: it may have been made or not. A batch of reports may be
    /// recorded again with the same [`BatchId`](super::BatchId), which counts it once.
    #[error("it is unknown whether the change was made: {0}")]
    UnknownOutcome(String),
    /// What is kept cannot be read. Nothing was changed; an operator has to look at it.
    #[error("{table}, row {row}, is corrupt: {reason}")]
    Corrupt {
        /// The table.
        table: String,
        /// The row's key.
        row: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It failed otherwise. Nothing was changed.
    #[error("the store failed: {0}")]
    Failed(String),
}

impl StoreError {
    /// Whether the same call may succeed when it is made again.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::UnknownOutcome(_) => true,
            Self::Closed | Self::Corrupt { .. } | Self::Failed(_) => false,
        }
    }
}
