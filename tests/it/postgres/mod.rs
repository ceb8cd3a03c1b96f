//! The PostgreSQL store: its guarantees, and what several replicas of it do to one another.

mod balanced;
mod conformance;
mod moved;
mod replicas;
mod same_as_sqlite;
mod sample;
mod schemas;
mod trouble;
pub(crate) mod upgrade;
