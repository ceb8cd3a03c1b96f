//! Persistence. A store loads what the rules in [`domain`](crate::domain) need and writes what they return; no SQL,
//! row, connection or transaction leaks out of it.
//!
//! [`Store`] is the sum of one trait per aggregate. Each trait has its own file, and each store implements it in the
//! file of the same name in its folder. What a store guarantees is written down as tests, one per guarantee, in
//! `conformance`.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod columns;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod conditions;
#[cfg(feature = "conformance")]
pub mod conformance;
mod deployments;
mod error;
mod issues;
mod keys;
mod outbox;
#[cfg(feature = "postgres")]
pub mod postgres;
mod projects;
mod repairs;
mod reports;
mod sessions;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod statistics;
mod tokens;
#[cfg(all(feature = "postgres", feature = "sqlite"))]
pub mod transfer;
mod upkeep;

pub use deployments::Deployments;
pub use error::StoreError;
pub use issues::{ChangeOutcome, Issues};
pub use keys::Keys;
pub use outbox::Outbox;
pub use projects::{EditOutcome, Projects};
pub use repairs::{Claim, Repairs, RequestOutcome, UnderLease};
pub use reports::{Batch, BatchId, NextBatch, Reports};
pub use sessions::Sessions;
pub use statistics::Statistics;
pub use tokens::Tokens;
pub use upkeep::Upkeep;

use std::pin::Pin;

/// What a store's methods return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Everything that the server needs from its database. Times are passed as parameters. A method is one transaction
/// unless documented otherwise, and what it returned is durable.
pub trait Store:
    Reports
    + Issues
    + Deployments
    + Repairs
    + Projects
    + Keys
    + Tokens
    + Sessions
    + Outbox
    + Statistics
    + Upkeep
    + Send
    + Sync
    + 'static
{
}

impl<T> Store for T where
    T: Reports
        + Issues
        + Deployments
        + Repairs
        + Projects
        + Keys
        + Tokens
        + Sessions
        + Outbox
        + Statistics
        + Upkeep
        + Send
        + Sync
        + 'static
{
}
