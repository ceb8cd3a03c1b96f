//! Errors of a store.

/// Why the store failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store is closed. Nothing was changed.
    #[error("the store is closed")]
    Closed,
    /// Temporarily impossible: disk full, file locked, connection lost before the commit. Nothing was changed, and the
    /// same call may succeed later.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost during the commit, so the change may or may not have been made. A batch of reports can
    /// be recorded again with the same [`BatchId`](super::BatchId), which counts it once.
    #[error("it is unknown whether the change was made: {0}")]
    UnknownOutcome(String),
    /// Stored data cannot be read. Nothing was changed; an operator has to look at it.
    #[error("{table}, row {row}, is corrupt: {reason}")]
    Corrupt {
        /// The table.
        table: String,
        /// The row's key.
        row: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Any other failure. Nothing was changed.
    #[error("the store failed: {0}")]
    Failed(String),
}

impl StoreError {
    /// Whether the same call may succeed when repeated.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::UnknownOutcome(_) => true,
            Self::Closed | Self::Corrupt { .. } | Self::Failed(_) => false,
        }
    }
}
