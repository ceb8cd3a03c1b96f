//! Why a database cannot be used.

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is not one of PostgreSQL.
    #[error(
        "the address of the database cannot be read; it is postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full, \
         with special characters as in %2F"
    )]
    Address,
    /// It cannot be reached, or refuses.
    #[error("cannot connect to PostgreSQL: {0}")]
    Unreachable(String),
    /// It was written by a later version.
    #[error(
        "the database was written by a later Log Center (schema {found}, this one knows {known}); run that version"
    )]
    TooNew {
        /// The database's schema version.
        found: usize,
        /// The newest schema version known here.
        known: usize,
    },
    /// A copy into it was begun and not finished.
    #[error("the database is being filled with another one; finish that first: logcenter db copy")]
    Unfinished,
    /// Its tables cannot be created or changed.
    #[error("the database's tables cannot be set up: {0}")]
    Schema(String),
}
