//! Looks for what does not fit together in a database.

use super::error::TransferError;
use super::rules::Finding;
use super::{Location, file, server};

/// Checks a database: of a SQLite file the structure, of both whether what belongs together fits. Nobody may use the file
/// meanwhile; a PostgreSQL database is read as it is at one moment.
///
/// # Errors
/// [`TransferError`] if it cannot be read.
pub async fn check(location: &Location) -> Result<Vec<Finding>, TransferError> {
    match location {
        Location::File(path) => file::File::source(path).await?.check(),
        Location::Postgres(address) => server::Server::source(address).await?.check().await,
    }
}
