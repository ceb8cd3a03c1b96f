//! Why a copy failed.

/// Why a database could not be copied, backed up or checked.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// There is no such file.
    #[error("there is no {0}")]
    Missing(String),
    /// The target holds something already.
    #[error("{0} is not empty; give one that is")]
    NotEmpty(String),
    /// A copy of another database was begun there.
    #[error("a copy of {0} into it was begun and not finished; finish that one, or give an empty database")]
    Unfinished(String),
    /// After all rows were copied, there are others: somebody used one of the two meanwhile.
    #[error(
        "{table} has {found} rows instead of {expected}; stop the servers of both databases, and begin anew"
    )]
    Different {
        /// The table.
        table: &'static str,
        /// How many rows the source has.
        expected: u64,
        /// How many rows the target has.
        found: u64,
    },
    /// The SQLite file cannot be opened.
    #[error(transparent)]
    Open(#[from] crate::store::sqlite::OpenError),
    /// SQLite failed.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The PostgreSQL database cannot be opened.
    #[error(transparent)]
    Connect(#[from] crate::store::postgres::ConnectError),
    /// PostgreSQL failed.
    #[error("PostgreSQL: {0}")]
    Postgres(String),
    /// A file cannot be written.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// The store failed while it was opened or closed.
    #[error(transparent)]
    Store(#[from] crate::StoreError),
    /// A row holds a value that does not belong there.
    #[error("{table} holds a value that is not {expected}")]
    Value {
        /// The table.
        table: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
}

impl From<tokio_postgres::Error> for TransferError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(crate::store::postgres::described(&error))
    }
}
