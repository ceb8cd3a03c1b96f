//! Where everything is kept. A store loads what the rules in [`domain`](crate::domain) need and writes what they say; no
//! SQL, row, connection or transaction leaves it.
//!
//! [`Store`] is the sum of a trait for each aggregate; each of them stands in a file of its own, and its implementation in
//! the file of the same name in each store's folder. What a store promises is written down as tests, one a promise, in
//! `conformance`.

#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod issues;
mod keys;
mod outbox;
mod projects;
mod reports;
mod sessions;
pub mod sqlite;
mod statistics;
mod upkeep;

pub use error::StoreError;
pub use issues::{ChangeOutcome, Issues};
pub use keys::Keys;
pub use outbox::Outbox;
pub use projects::{EditOutcome, Projects};
pub use reports::{Batch, BatchId, NextBatch, Reports};
pub use sessions::Sessions;
pub use statistics::Statistics;
pub use upkeep::Upkeep;

use std::pin::Pin;

/// What a store's methods give.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Everything that the server asks of its database. Times come as parameters. A method is one transaction unless it says
/// otherwise, and what it answered is durable.
pub trait Store:
    Reports + Issues + Projects + Keys + Sessions + Outbox + Statistics + Upkeep + Send + Sync + 'static
{
}

impl<T> Store for T where
    T: Reports + Issues + Projects + Keys + Sessions + Outbox + Statistics + Upkeep + Send + Sync + 'static
{
}
