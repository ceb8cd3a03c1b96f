//! What goes wrong in a transaction, and whether it may be repeated.

use crate::store::StoreError;
use deadpool_postgres::{HookError, PoolError};
use std::error::Error;
use std::fmt::{Display, Write};
use tokio_postgres::error::SqlState;

/// Why a transaction failed. Nothing of it remains.
#[derive(Debug)]
pub(super) enum Fault {
    /// Another transaction was in its way; the same may succeed at once.
    Conflict(String),
    /// Another one holds what it needs. It is repeated at once, and waits for that.
    Taken,
    /// The connection, or the server behind it, is of no use any more. Another one may be.
    Lost(String),
    /// Anything else.
    Store(StoreError),
}

pub(super) type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// A row that cannot be read.
    pub(super) fn corrupt(table: &str, row: &str, reason: &dyn Display) -> Self {
        Self::Store(StoreError::Corrupt { table: table.into(), row: row.into(), reason: reason.to_string() })
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<tokio_postgres::Error> for Fault {
    /// Codes are those of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    fn from(error: tokio_postgres::Error) -> Self {
        let text = described(&error);
        let Some(state) = error.code() else {
            let is_io = error.source().is_some_and(|source| source.is::<std::io::Error>());
            return match error.is_closed() || is_io {
                true => Self::Lost(text),
                false => Self::Store(StoreError::Failed(text)),
            };
        };
        match *state {
            SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::LOCK_NOT_AVAILABLE => Self::Conflict(text),
            // A primary that was demoted, a server that is shut down, and a statement that was prepared before a migration.
            SqlState::READ_ONLY_SQL_TRANSACTION
            | SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
            | SqlState::FEATURE_NOT_SUPPORTED => Self::Lost(text),
            // 08: connection; 53: disk, memory, connections; 58: the system.
            _ if state.code().starts_with("08") => Self::Lost(text),
            _ if ["53", "58"].iter().any(|class| state.code().starts_with(class)) => {
                Self::Store(StoreError::Unavailable(text))
            }
            SqlState::QUERY_CANCELED => Self::Store(StoreError::Unavailable(text)),
            _ => Self::Store(StoreError::Failed(text)),
        }
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                match Self::from(error) {
                    Self::Store(StoreError::Failed(text)) => Self::Store(StoreError::Unavailable(text)),
                    fault => fault,
                }
            }
            PoolError::Closed => Self::Store(StoreError::Closed),
            other => Self::Store(StoreError::Unavailable(other.to_string())),
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Conflict(text) | Fault::Lost(text) => Self::Unavailable(text),
            Fault::Taken => Self::Unavailable("another transaction holds what is needed".into()),
            Fault::Store(error) => error,
        }
    }
}

/// An error with its causes: `tokio_postgres` says no more than "db error" by itself.
pub(in crate::store) fn described(error: &(dyn Error + 'static)) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
